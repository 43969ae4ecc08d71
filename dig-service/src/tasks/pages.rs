//! Slots in pages: an insert and a removal cost the same at any size, and a page goes when empty.

/// Slots per page.
pub(super) const PAGE: usize = 256;

/// Empty pages that are kept: waves of tasks are common, and should not make and drop pages.
const SPARE: usize = 8;

/// Values under indices that are used again.
///
/// Growing moves nothing but a list of pages, so no insert takes long.
#[derive(Debug)]
pub(super) struct Pages<T> {
    pages: Vec<Option<Page<T>>>,
    /// Pages with a free slot, in no order.
    roomy: Vec<usize>,
    /// Places in `pages` without a page.
    vacant: Vec<usize>,
    /// Pages without a value.
    empty: usize,
}

#[derive(Debug)]
struct Page<T> {
    slots: Vec<Slot<T>>,
    /// The first free slot; `PAGE` if there is none.
    free: usize,
    used: usize,
    /// Where the page stands in `roomy`, while it does.
    roomy_at: usize,
}

#[derive(Debug)]
enum Slot<T> {
    /// Names the next free one.
    Free(usize),
    Used(T),
}

impl<T> Default for Pages<T> {
    fn default() -> Self {
        Self {
            pages: Vec::new(),
            roomy: Vec::new(),
            vacant: Vec::new(),
            empty: 0,
        }
    }
}

impl<T> Pages<T> {
    /// Whether the next insert needs a new page.
    pub(super) const fn is_full(&self) -> bool {
        self.roomy.is_empty()
    }

    pub(super) fn insert(&mut self, value: T) -> usize {
        let number = match self.roomy.last() {
            Some(number) => *number,
            None => self.add_page(),
        };
        let Some(page) = &mut self.pages[number] else {
            unreachable!("a page with room is there");
        };
        let at = page.free;
        page.free = match std::mem::replace(&mut page.slots[at], Slot::Used(value)) {
            Slot::Free(next) => next,
            Slot::Used(_) => unreachable!("the list of free slots names free ones"),
        };
        if page.used == 0 {
            self.empty -= 1;
        }
        page.used += 1;
        if page.free == PAGE {
            self.roomy.pop();
        }
        number * PAGE + at
    }

    pub(super) fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        let page = self.pages.get_mut(index / PAGE)?.as_mut()?;
        match &mut page.slots[index % PAGE] {
            Slot::Used(value) => Some(value),
            Slot::Free(_) => None,
        }
    }

    pub(super) fn remove(&mut self, index: usize) -> Option<T> {
        let number = index / PAGE;
        let page = self.pages.get_mut(number)?.as_mut()?;
        let slot = &mut page.slots[index % PAGE];
        let Slot::Used(_) = slot else { return None };
        let was = std::mem::replace(slot, Slot::Free(page.free));
        let was_full = page.free == PAGE;
        page.free = index % PAGE;
        page.used -= 1;
        if was_full {
            page.roomy_at = self.roomy.len();
            self.roomy.push(number);
        }
        if page.used == 0 {
            self.empty += 1;
            if self.empty > SPARE {
                self.drop_page(number);
            }
        }
        match was {
            Slot::Used(value) => Some(value),
            Slot::Free(_) => None,
        }
    }

    /// How many pages to look through, those without values included.
    pub(super) const fn page_count(&self) -> usize {
        self.pages.len()
    }

    /// The values of some pages, with their indices.
    pub(super) fn iter_mut(
        &mut self,
        pages: std::ops::Range<usize>,
    ) -> impl Iterator<Item = (usize, &mut T)> {
        let end = pages.end.min(self.pages.len());
        let start = pages.start.min(end);
        let numbered = self.pages[start..end].iter_mut().zip(start..);
        numbered.flat_map(|(page, number)| {
            let slots = page
                .iter_mut()
                .flat_map(|page| page.slots.iter_mut().enumerate());
            slots.filter_map(move |(at, slot)| match slot {
                Slot::Used(value) => Some((number * PAGE + at, value)),
                Slot::Free(_) => None,
            })
        })
    }

    #[cfg(test)]
    #[cfg(not(dig_loom))]
    pub(super) fn live_pages(&self) -> usize {
        self.pages.iter().flatten().count()
    }

    fn add_page(&mut self) -> usize {
        let page = Some(Page {
            slots: (1..=PAGE).map(Slot::Free).collect(),
            free: 0,
            used: 0,
            roomy_at: self.roomy.len(),
        });
        let number = match self.vacant.pop() {
            Some(number) => {
                self.pages[number] = page;
                number
            }
            None => {
                self.pages.push(page);
                self.pages.len() - 1
            }
        };
        self.roomy.push(number);
        self.empty += 1;
        number
    }

    fn drop_page(&mut self, number: usize) {
        let Some(page) = self.pages[number].take() else {
            return;
        };
        self.roomy.swap_remove(page.roomy_at);
        if let Some(moved) = self.roomy.get(page.roomy_at)
            && let Some(moved) = &mut self.pages[*moved]
        {
            moved.roomy_at = page.roomy_at;
        }
        self.vacant.push(number);
        self.empty -= 1;
    }
}

/// Values that may stand beside those of a [`Pages`], under the same indices.
#[derive(Debug)]
pub(super) struct Beside<T> {
    pages: Vec<Option<BesidePage<T>>>,
    /// An empty page, kept for the next that is needed.
    spare: Option<BesidePage<T>>,
}

#[derive(Debug)]
struct BesidePage<T> {
    values: Box<[Option<T>]>,
    used: usize,
}

impl<T> Default for Beside<T> {
    fn default() -> Self {
        Self {
            pages: Vec::new(),
            spare: None,
        }
    }
}

impl<T> Beside<T> {
    /// Stores a value; there was none before.
    pub(super) fn put(&mut self, index: usize, value: T) {
        let number = index / PAGE;
        if number >= self.pages.len() {
            self.pages.resize_with(number + 1, || None);
        }
        let page = self.pages[number].get_or_insert_with(|| {
            self.spare.take().unwrap_or_else(|| BesidePage {
                values: (0..PAGE).map(|_| None).collect(),
                used: 0,
            })
        });
        page.used += 1;
        page.values[index % PAGE] = Some(value);
    }

    pub(super) fn take(&mut self, index: usize) -> Option<T> {
        let place = self.pages.get_mut(index / PAGE)?;
        let page = place.as_mut()?;
        let value = page.values[index % PAGE].take()?;
        page.used -= 1;
        if page.used == 0 {
            self.spare = place.take();
        }
        Some(value)
    }
}
