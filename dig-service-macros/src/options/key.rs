//! The keys that an attribute knows.

/// One option of an attribute.
pub(crate) struct Key {
    /// How it is spelt.
    pub(crate) name: &'static str,
    /// What may follow the name.
    pub(crate) shape: Shape,
    /// Whether it may be given more than once.
    pub(crate) repeats: bool,
}

/// What may follow an option's name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Nothing, or `= true`, or `= false`.
    Flag,
    /// `= value`; the example stands in the messages.
    Value(&'static str),
    /// Nothing, or `= value`.
    FlagOrValue,
    /// `(..)`; the example stands in the messages.
    List(&'static str),
}

impl Key {
    /// A flag.
    pub(crate) const fn flag(name: &'static str) -> Self {
        Self {
            name,
            shape: Shape::Flag,
            repeats: false,
        }
    }

    /// A key with a value; `example` is the value as one would write it.
    pub(crate) const fn value(name: &'static str, example: &'static str) -> Self {
        Self {
            name,
            shape: Shape::Value(example),
            repeats: false,
        }
    }

    /// A key that works alone and with a value.
    pub(crate) const fn flag_or_value(name: &'static str) -> Self {
        Self {
            name,
            shape: Shape::FlagOrValue,
            repeats: false,
        }
    }

    /// A key with a list in brackets.
    pub(crate) const fn list(name: &'static str, example: &'static str) -> Self {
        Self {
            name,
            shape: Shape::List(example),
            repeats: false,
        }
    }

    /// The same key, allowed several times.
    pub(crate) const fn repeated(mut self) -> Self {
        self.repeats = true;
        self
    }

    /// Returns the option as one would write it.
    pub(crate) fn usage(&self) -> String {
        match self.shape {
            Shape::Value(example) => format!("{} = {example}", self.name),
            Shape::List(example) => format!("{}({example})", self.name),
            Shape::Flag | Shape::FlagOrValue => self.name.to_owned(),
        }
    }
}
