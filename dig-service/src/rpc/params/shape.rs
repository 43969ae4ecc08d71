//! What a method's params look like.

/// The names of a method's params and how they may be given.
#[derive(Clone, Copy, Debug)]
pub struct Shape<'n> {
    pub(super) names: &'n [&'n str],
    pub(super) aliases: &'n [(&'n str, usize)],
    pub(super) by_name: bool,
    pub(super) by_position: bool,
    pub(super) lenient: bool,
}

impl<'n> Shape<'n> {
    /// Params that may come by name or by position, in this order.
    #[must_use]
    pub const fn new(names: &'n [&'n str]) -> Self {
        Self {
            names,
            aliases: &[],
            by_name: true,
            by_position: true,
            lenient: false,
        }
    }

    /// Adds other names, each with the place of its param.
    #[must_use]
    pub const fn aliases(mut self, aliases: &'n [(&'n str, usize)]) -> Self {
        self.aliases = aliases;
        self
    }

    /// Refuses params by position.
    #[must_use]
    pub const fn named(mut self) -> Self {
        self.by_position = false;
        self
    }

    /// Refuses params by name.
    #[must_use]
    pub const fn positional(mut self) -> Self {
        self.by_name = false;
        self
    }

    /// Lets params pass that the method does not know.
    #[must_use]
    pub const fn lenient(mut self) -> Self {
        self.lenient = true;
        self
    }

    /// Returns the place of the param that has this other name.
    pub(super) fn place_of_alias(&self, name: &str) -> Option<usize> {
        let mut aliases = self.aliases.iter();
        let (_, place) = aliases.find(|(alias, _)| *alias == name)?;
        Some(*place)
    }
}
