//! The order in which composed values can be computed.
//!
//! **No recursion**: a chain of 100,000 references costs memory, not stack.

use std::collections::BTreeMap;

use crate::manifest::model::Variable;
use crate::manifest::problem::{Noun, Problem};
use crate::secret::SecretName;

type Variables = BTreeMap<SecretName, Variable>;

/// The composed variables, each after those it refers to; or the variable that cannot be composed, and why.
pub(super) fn composition(variables: &Variables) -> Result<Vec<SecretName>, (SecretName, Problem)> {
    let mut order = Vec::new();
    let mut states: BTreeMap<&SecretName, State> = BTreeMap::new();
    for (name, variable) in variables.iter().filter(|(_, variable)| variable.value.is_some()) {
        if !states.contains_key(name) {
            visit(variables, (name, variable), &mut states, &mut order)?;
        }
    }
    Ok(order)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Done,
}

struct Frame<'a> {
    name: &'a SecretName,
    references: Vec<&'a SecretName>,
}

impl<'a> Frame<'a> {
    fn new(name: &'a SecretName, variable: &'a Variable) -> Self {
        let references = variable.value.as_ref().map(|template| template.references().collect());
        Self { name, references: references.unwrap_or_default() }
    }
}

/// A depth-first walk from one variable, with a stack of its own.
fn visit<'a>(
    variables: &'a Variables,
    (name, variable): (&'a SecretName, &'a Variable),
    states: &mut BTreeMap<&'a SecretName, State>,
    order: &mut Vec<SecretName>,
) -> Result<(), (SecretName, Problem)> {
    let mut stack = vec![Frame::new(name, variable)];
    states.insert(name, State::Open);
    while let Some(frame) = stack.last_mut() {
        let Some(reference) = frame.references.pop() else {
            states.insert(frame.name, State::Done);
            order.push(frame.name.clone());
            stack.pop();
            continue;
        };
        let Some((next, variable)) = variables.get_key_value(reference) else {
            return Err((frame.name.clone(), unknown(variables, reference)));
        };
        match states.get(next) {
            Some(State::Done) => {}
            Some(State::Open) => return Err((next.clone(), cycle(&stack, next))),
            None if variable.value.is_none() => {}
            None => {
                states.insert(next, State::Open);
                stack.push(Frame::new(next, variable));
            }
        }
    }
    Ok(())
}

fn unknown(variables: &Variables, name: &SecretName) -> Problem {
    let known = variables.keys().map(SecretName::to_string).collect();
    Problem::Unknown { noun: Noun::Variable, name: name.to_string(), known }
}

fn cycle(stack: &[Frame<'_>], back: &SecretName) -> Problem {
    let circle = stack.iter().map(|frame| frame.name).skip_while(|name| *name != back);
    let names = circle.chain([back]).map(SecretName::to_string).collect();
    Problem::Cycle { noun: Noun::Variable, names }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::template::Template;

    fn variables(composed: impl IntoIterator<Item = (String, String)>) -> Variables {
        let plain = (SecretName::new("PLAIN").unwrap(), Variable::default());
        let composed = composed.into_iter().map(|(name, value)| {
            let value = Some(Template::parse(&value).unwrap());
            (SecretName::new(&name).unwrap(), Variable { value, ..Variable::default() })
        });
        composed.chain([plain]).collect()
    }

    fn of(pairs: &[(&str, &str)]) -> Result<Vec<String>, String> {
        let variables = variables(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let order = composition(&variables).map_err(|(name, problem)| format!("{name}: {problem}"))?;
        Ok(order.iter().map(SecretName::to_string).collect())
    }

    #[test]
    fn what_a_value_needs_comes_first() {
        let order = of(&[("A", "${B}${C}"), ("B", "${C:url}${PLAIN}"), ("C", "${PLAIN}"), ("D", "${A}")]).unwrap();
        assert_eq!(order, ["C", "B", "A", "D"]);
    }

    #[test]
    fn circles_and_unknown_names_are_errors() {
        assert_eq!(of(&[("A", "${A}")]).unwrap_err(), "A: variables refer to each other in a circle: A -> A");
        let circle = of(&[("A", "${B}"), ("B", "${C}"), ("C", "${B}")]).unwrap_err();
        assert_eq!(circle, "B: variables refer to each other in a circle: B -> C -> B");
        assert_eq!(of(&[("A", "${PLAIM}")]).unwrap_err(), "A: unknown variable `PLAIM`");
    }

    #[test]
    fn a_chain_of_100_000_references_does_not_overflow() {
        let name = |n: u32| format!("V{n:06}");
        let chain = (0..100_000)
            .map(|n| (name(n), format!("${{{}}}", if n == 99_999 { "PLAIN".to_owned() } else { name(n + 1) })));
        let order = composition(&variables(chain)).unwrap();
        assert_eq!((order.len(), order[0].as_str()), (100_000, "V099999"));
        let circle = (0..10_000).map(|n| (name(n), format!("${{{}}}", name((n + 1) % 10_000))));
        assert!(composition(&variables(circle)).is_err());
    }
}
