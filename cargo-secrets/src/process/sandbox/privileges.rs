//! What a process may do beyond what its user may.
//!
//! **Landlock does not stop all of it**: with `CAP_PERFMON` or `CAP_SYS_ADMIN` the kernel shows another process's
//! environment before it asks Landlock, and `CAP_DAC_READ_SEARCH` opens files without a path.

use std::io;

use rustix::thread::{
    CapabilitySet, capabilities, clear_ambient_capability_set, remove_capability_from_bounding_set, set_capabilities,
    set_no_new_privs,
};

/// Which capabilities stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// Those that a build by root needs: owners and modes of files, children of other users.
    Build,
    /// All but those that look past a domain.
    Program,
}

impl Keep {
    fn set(self) -> CapabilitySet {
        let ordinary = CapabilitySet::CHOWN
            | CapabilitySet::DAC_OVERRIDE
            | CapabilitySet::FOWNER
            | CapabilitySet::FSETID
            | CapabilitySet::KILL
            | CapabilitySet::SETGID
            | CapabilitySet::SETUID;
        let passing = CapabilitySet::DAC_READ_SEARCH
            | CapabilitySet::SYS_MODULE
            | CapabilitySet::SYS_RAWIO
            | CapabilitySet::SYS_PTRACE
            | CapabilitySet::SYS_ADMIN
            | CapabilitySet::SYS_BOOT
            | CapabilitySet::MAC_OVERRIDE
            | CapabilitySet::MAC_ADMIN
            | CapabilitySet::SYSLOG
            | CapabilitySet::PERFMON
            | CapabilitySet::BPF
            | CapabilitySet::CHECKPOINT_RESTORE;
        match self {
            Self::Build => ordinary,
            Self::Program => !passing,
        }
    }
}

/// Gives up capabilities for good, for this thread and all it starts: bounding set, ambient set, its own three sets, and
/// `no_new_privs`. An ordinary user has none and loses none.
///
/// Allocates nothing: it may run just before a program.
pub(crate) fn drop_capabilities(keep: Keep) -> io::Result<()> {
    let keep = keep.set();
    let had = capabilities(None)?;
    if !had.permitted.is_empty() {
        for bit in 0..u64::BITS {
            let one = CapabilitySet::from_bits_retain(1 << bit);
            // One that the kernel does not know is refused, as all are where CAP_SETPCAP is missing: then
            // `no_new_privs` keeps `exec` from gaining what is given up below.
            if !keep.contains(one) && remove_capability_from_bounding_set(one).is_err() && bit > 40 {
                break;
            }
        }
        let mut sets = had;
        for set in [&mut sets.effective, &mut sets.permitted, &mut sets.inheritable] {
            *set = set.intersection(keep);
        }
        set_capabilities(None, sets)?;
    }
    // Kernels before 4.3 have no ambient set.
    let _ = clear_ambient_capability_set();
    Ok(set_no_new_privs(true)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_looks_past_a_domain_stays() {
        for keep in [Keep::Build, Keep::Program] {
            let passing = CapabilitySet::PERFMON | CapabilitySet::SYS_ADMIN | CapabilitySet::SYS_PTRACE;
            assert!(!keep.set().intersects(passing | CapabilitySet::DAC_READ_SEARCH | CapabilitySet::BPF));
        }
        assert!(Keep::Program.set().contains(CapabilitySet::NET_RAW));
    }

    #[test]
    fn a_thread_gives_up_its_capabilities_for_good() {
        let after = std::thread::spawn(|| {
            drop_capabilities(Keep::Build).unwrap();
            (capabilities(None).unwrap(), rustix::thread::no_new_privs().unwrap())
        });
        let (sets, no_new_privs) = after.join().unwrap();
        assert!(Keep::Build.set().contains(sets.permitted | sets.effective | sets.inheritable) && no_new_privs);
    }
}
