//! Checking what was declared, and taking it apart into what the engine decides on and what the
//! driver runs.

use std::collections::{BTreeMap, HashMap};
use std::panic::Location;
use std::sync::Arc;

use crate::decl::{InvalidIntensity, Jitter, Readiness, Rules};
use crate::supervisor::engine::{GroupPlan, NodeId, Plan};
use crate::supervisor::spec::{Doing, Work};
use crate::supervisor::supervisor::Factory;
use crate::supervisor::{ChildSpec, Supervisor};
use crate::tasks::{Refused, TaskKind};

/// Children that cannot be supervised as they were declared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidTree {
    /// A name is blank, or has a `/` in it.
    #[error("`{0}` is no name for a child: it must not be blank, nor have a `/` in it")]
    Name(String),
    /// Two siblings have the same name.
    #[error("two children are called `{0}`; names are unique among siblings")]
    Duplicate(String),
    /// A child depends on one that is not there.
    #[error("child `{child}` depends on `{dependency}`, which is no sibling of it")]
    UnknownDependency {
        /// The child's path.
        child: String,
        /// The name that is not there.
        dependency: String,
    },
    /// Children depend on one another in a circle.
    #[error("children depend on one another in a circle: {}", children.join(" -> "))]
    Cycle {
        /// The circle, with its first name again at the end.
        children: Vec<String>,
    },
    /// The limit of restarts cannot be reached.
    #[error("the limit of child `{child}` cannot be reached")]
    Intensity {
        /// The child's path.
        child: String,
        /// Why.
        #[source]
        source: InvalidIntensity,
    },
    /// Something was set that means nothing for a supervisor.
    #[error(
        "child `{child}` is a supervisor, for which `{setting}` means nothing; set it on its children"
    )]
    OfGroup {
        /// The child's path.
        child: String,
        /// What was set.
        setting: &'static str,
    },
    /// The task registry takes nothing in any more.
    #[error("the supervisor comes too late to be started")]
    Late(#[from] Refused),
    /// Two factories have the same key.
    #[error("two factories have the key `{0}`; keys are unique in the whole tree")]
    DuplicateFactory(String),
}

/// What the driver runs for one child.
pub(crate) struct Unit {
    pub(crate) name: Arc<str>,
    /// The name, if it is there as long as the program.
    pub(crate) fixed_name: Option<&'static str>,
    pub(crate) kind: TaskKind,
    pub(crate) place: &'static Location<'static>,
    /// `None` for a supervisor.
    pub(crate) work: Option<Work>,
}

/// Takes declarations apart.
pub(crate) struct Planner {
    next: u64,
    /// The rules of the child before: many have the same.
    rules: Arc<Rules>,
    pub(crate) units: Vec<(NodeId, Unit)>,
    pub(crate) factories: BTreeMap<String, Factory>,
}

impl Planner {
    /// Begins with the given id.
    pub(crate) fn new(next: u64, rules: Arc<Rules>) -> Self {
        Self {
            next,
            rules,
            units: Vec::new(),
            factories: BTreeMap::new(),
        }
    }

    /// The id after all that were given, and the rules of the last.
    pub(crate) fn end(&self) -> (u64, Arc<Rules>) {
        (self.next, Arc::clone(&self.rules))
    }

    /// Checks a whole tree; its root has no name.
    pub(crate) fn root(&mut self, supervisor: Supervisor, seed: u64) -> Result<Plan, InvalidTree> {
        let spec = ChildSpec::new("", Doing::Group(Box::new(supervisor)));
        self.plan(spec, "", seed)
    }

    /// Checks a child that joins the children of `parent`, a path.
    pub(crate) fn joining(
        &mut self,
        spec: ChildSpec,
        (parent, find): (&str, impl Fn(&str) -> Option<NodeId>),
        seed: u64,
    ) -> Result<Plan, InvalidTree> {
        check_name(&spec)?;
        let parent = parent.trim_end_matches('/');
        if find(&path_of(parent, &spec.name)).is_some() {
            return Err(InvalidTree::Duplicate(spec.name.into_owned()));
        }
        let found = spec.dependencies.iter().map(|dependency| {
            let id = find(&path_of(parent, dependency));
            id.ok_or_else(|| unknown(&path_of(parent, &spec.name), dependency))
        });
        let dependencies = found.collect::<Result<_, _>>()?;
        let mut plan = self.plan(spec, parent, seed)?;
        plan.dependencies = dependencies;
        Ok(plan)
    }

    fn plan(&mut self, spec: ChildSpec, parent: &str, seed: u64) -> Result<Plan, InvalidTree> {
        let id = NodeId(self.next);
        self.next += 1;
        let path = match id {
            NodeId::ROOT => "/".to_owned(),
            _ => path_of(parent, &spec.name),
        };
        check_rules(&spec, &path)?;
        let (fixed_name, name): (_, Arc<str>) = match spec.name {
            std::borrow::Cow::Borrowed(name) => (Some(name), name.into()),
            std::borrow::Cow::Owned(name) => (None, name.into()),
        };
        let (work, group) = match spec.doing {
            Doing::Work(work) => (Some(work), None),
            Doing::Group(group) => (None, Some(group)),
        };
        if *self.rules != spec.rules {
            self.rules = Arc::new(spec.rules);
        }
        let rules = Arc::clone(&self.rules);
        let tags = match spec.tags.is_empty() {
            true => Arc::default(),
            false => spec.tags.into(),
        };
        let unit = Unit {
            name,
            fixed_name,
            kind: spec.kind,
            place: spec.place,
            work,
        };
        self.units.push((id, unit));
        let group = group.map(|group| self.group(*group, &path, seed));
        Ok(Plan {
            id,
            path: path.into(),
            rules,
            tags,
            jitter: Jitter::seeded(seed.wrapping_add(id.0)),
            dependencies: Vec::new(),
            level: 0,
            group: group.transpose()?,
        })
    }

    fn group(
        &mut self,
        group: Supervisor,
        path: &str,
        seed: u64,
    ) -> Result<GroupPlan, InvalidTree> {
        let seed = group.seed.unwrap_or(seed);
        for (key, factory) in group.factories {
            if self.factories.contains_key(&key) {
                return Err(InvalidTree::DuplicateFactory(key));
            }
            self.factories.insert(key, factory);
        }
        let parent = if path == "/" { "" } else { path };
        let below = check_siblings(&group.children, parent)?;
        let levels = levels(&below).map_err(|circle| InvalidTree::Cycle {
            children: circle
                .into_iter()
                .map(|place| group.children[place].name.to_string())
                .collect(),
        })?;
        let planned = group.children.into_iter();
        let planned = planned.map(|child| self.plan(child, parent, seed));
        let mut children = planned.collect::<Result<Vec<_>, _>>()?;
        let ids: Vec<_> = children.iter().map(|child| child.id).collect();
        for (child, (below, level)) in children.iter_mut().zip(below.iter().zip(levels)) {
            child.dependencies = below.iter().map(|place| ids[*place]).collect();
            child.level = level;
        }
        Ok(GroupPlan {
            strategy: group.strategy,
            intensity: group.intensity,
            max_starts: group.max_starts,
            children,
        })
    }
}

fn path_of(parent: &str, name: &str) -> String {
    format!("{parent}/{name}")
}

fn unknown(child: &str, dependency: &str) -> InvalidTree {
    InvalidTree::UnknownDependency {
        child: child.to_owned(),
        dependency: dependency.to_owned(),
    }
}

fn check_name(spec: &ChildSpec) -> Result<(), InvalidTree> {
    if spec.name.trim().is_empty() || spec.name.contains('/') {
        return Err(InvalidTree::Name(spec.name.to_string()));
    }
    Ok(())
}

fn check_rules(spec: &ChildSpec, path: &str) -> Result<(), InvalidTree> {
    let rules = &spec.rules;
    let limit = rules.intensity.check(&rules.backoff);
    limit.map_err(|source| InvalidTree::Intensity {
        child: path.to_owned(),
        source,
    })?;
    let setting = match &spec.doing {
        Doing::Work(_) => None,
        Doing::Group(_) if rules.heartbeat.is_some() => Some("heartbeat"),
        Doing::Group(_) if rules.readiness != Readiness::Immediate => Some("readiness"),
        Doing::Group(_) => None,
    };
    setting.map_or(Ok(()), |setting| {
        let child = path.to_owned();
        Err(InvalidTree::OfGroup { child, setting })
    })
}

/// Checks names among siblings, and finds those that each depends on.
fn check_siblings(children: &[ChildSpec], parent: &str) -> Result<Vec<Vec<usize>>, InvalidTree> {
    let mut places = HashMap::new();
    for (place, child) in children.iter().enumerate() {
        check_name(child)?;
        if places.insert(&*child.name, place).is_some() {
            return Err(InvalidTree::Duplicate(child.name.to_string()));
        }
    }
    let below = children.iter().map(|child| {
        let found = child.dependencies.iter().map(|dependency| {
            let place = places.get(&**dependency).copied();
            place.ok_or_else(|| unknown(&path_of(parent, &child.name), dependency))
        });
        found.collect()
    });
    below.collect()
}

/// Each one's level, which is how many depend on one another below it; or a cycle.
fn levels(below: &[Vec<usize>]) -> Result<Vec<u32>, Vec<usize>> {
    let mut levels: Vec<Option<u32>> = vec![None; below.len()];
    for start in 0..below.len() {
        // Depth first, with the way down on a stack of our own: a chain may be long.
        let mut way = vec![(start, 0)];
        while let Some((place, next)) = way.last_mut() {
            let place = *place;
            if levels[place].is_some() {
                way.pop();
                continue;
            }
            if let Some(&dependency) = below[place].get(*next) {
                *next += 1;
                if let Some(from) = way.iter().position(|(on, _)| *on == dependency) {
                    let mut circle: Vec<_> = way[from..].iter().map(|(on, _)| *on).collect();
                    circle.push(dependency);
                    return Err(circle);
                }
                way.push((dependency, 0));
                continue;
            }
            let deepest = below[place].iter().filter_map(|on| levels[*on]).max();
            levels[place] = Some(deepest.map_or(0, |level| level + 1));
        }
    }
    Ok(levels.into_iter().map(Option::unwrap_or_default).collect())
}

#[cfg(test)]
mod tests;
