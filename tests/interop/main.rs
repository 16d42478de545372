//! placeholder

#[path = "../support/mod.rs"]
mod support;

#[test]
fn it_runs() {
    let project = support::Project::new();
    project.set("A", "x");
    assert_eq!(project.delivered("A"), "x");
}
