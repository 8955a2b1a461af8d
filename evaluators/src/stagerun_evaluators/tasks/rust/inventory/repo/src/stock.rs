/// So many of one thing, at a price in cents each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub name: String,
    pub count: u32,
    pub cents: u32,
}

/// Items by name; no name is there twice.
#[derive(Debug, Default)]
pub struct Stock {
    items: Vec<Item>,
}

impl Stock {
    /// Puts items in; of a name that is there already, the count grows and the price becomes the new one.
    pub fn add(&mut self, name: &str, count: u32, cents: u32) {
        self.items.push(Item { name: name.to_string(), count, cents });
    }

    /// Takes items out; false, and nothing happens, when there are not so many.
    pub fn take(&mut self, name: &str, count: u32) -> bool {
        for item in &mut self.items {
            if item.name == name && item.count > count {
                item.count -= count;
                return true;
            }
        }
        false
    }

    /// Everything, in the order of names.
    pub fn items(&self) -> &[Item] {
        &self.items
    }
}
