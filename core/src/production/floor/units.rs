//! The units of one kind that a floor holds, by id, with their versions.

use rustc_hash::FxHashMap;
use std::hash::Hash;

/// States by id. An entry without a state says that there is none.
#[derive(Debug, Clone)]
pub struct Units<K, S> {
    known: FxHashMap<K, (u32, Option<S>)>,
}

impl<K, S> Default for Units<K, S> {
    fn default() -> Self {
        Self {
            known: FxHashMap::default(),
        }
    }
}

impl<K: Eq + Hash + Clone, S> Units<K, S> {
    pub fn get(&self, id: &K) -> Option<&(u32, Option<S>)> {
        self.known.get(id)
    }

    pub fn version(&self, id: &K) -> u32 {
        self.known.get(id).map_or(0, |(version, _)| *version)
    }

    pub fn states(&self) -> impl Iterator<Item = &S> {
        self.known.values().filter_map(|(_, state)| state.as_ref())
    }

    pub fn len(&self) -> usize {
        self.known.len()
    }

    pub fn forget(&mut self, id: &K) {
        self.known.remove(id);
    }

    pub fn put_absent(&mut self, id: &K) {
        self.known.insert(id.clone(), (0, None));
    }

    pub fn take(&mut self, id: &K) -> Option<S> {
        self.known.get_mut(id).and_then(|(_, state)| state.take())
    }

    pub fn put(&mut self, id: &K, version: u32, state: S) {
        match self.known.get_mut(id) {
            Some(entry) => *entry = (version, Some(state)),
            None => {
                self.known.insert(id.clone(), (version, Some(state)));
            }
        }
    }
}
