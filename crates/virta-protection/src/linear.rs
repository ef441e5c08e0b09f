//! Cells and the sums that tie them: what somebody who reads every published figure can calculate with.

/// The place of a cell in its [`System`].
pub type CellIndex = usize;

/// What the reader sees of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// Shown, and may be withheld to protect another.
    Published,
    /// Shown or known from elsewhere, and cannot be taken back.
    Known,
    /// Not shown: withheld, or a difference that no table prints but anybody can calculate.
    Unseen,
}

/// What the reader must not be able to rule out of an unseen cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// It must be possible that the cell is this small.
    pub low: i64,
    /// It must be possible that the cell is this large.
    pub high: i64,
}

/// One figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SystemCell {
    pub value: i64,
    /// The least value that a reader must allow for.
    pub least: i64,
    pub seen: Seen,
    /// Set where the cell itself is unsafe; an unseen cell without it only must not be calculable exactly.
    pub need: Option<Need>,
    /// Whether not being calculable matters at all: a free remainder carries nothing of its own.
    pub guarded: bool,
    /// How much is lost when this cell is withheld to protect another.
    pub weight: f64,
}

impl SystemCell {
    /// A shown figure, never negative unless it is.
    pub fn published(value: i64) -> Self {
        let weight = value.unsigned_abs() as f64 + 1.0;
        SystemCell { value, least: 0.min(value), seen: Seen::Published, need: None, guarded: true, weight }
    }

    /// What the cell needs as shifts (down, up) from its value. A value below the least is nobody's guess.
    pub(crate) fn shifts(&self) -> Option<(i64, i64)> {
        let need = self.need?;
        let down = need.low.max(self.least).saturating_sub(self.value).min(0);
        Some((down, need.high.saturating_sub(self.value).max(0)))
    }

    /// Says whether the least was lower. It stays at the value or below it.
    pub(crate) fn raise_least(&mut self, least: i64) -> bool {
        let raised = least.min(self.value);
        let is_higher = raised > self.least;
        self.least = self.least.max(raised);
        is_higher
    }

    /// A figure that readers know in any case.
    pub fn known(value: i64) -> Self {
        SystemCell { seen: Seen::Known, ..SystemCell::published(value) }
    }
}

/// `total` = the sum of `parts`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    pub total: CellIndex,
    pub parts: Vec<CellIndex>,
}

impl Relation {
    /// Every cell of the relation.
    pub fn cells(&self) -> impl Iterator<Item = CellIndex> + '_ {
        std::iter::once(self.total).chain(self.parts.iter().copied())
    }

    /// The cells with their signs: parts minus total is 0.
    pub(crate) fn signed(&self) -> impl Iterator<Item = (CellIndex, i64)> + '_ {
        std::iter::once((self.total, -1)).chain(self.parts.iter().map(|&part| (part, 1)))
    }
}

/// Figures of one measure over all tables of a study, with every sum among them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct System {
    pub cells: Vec<SystemCell>,
    pub relations: Vec<Relation>,
}

impl System {
    /// Adds a published cell.
    pub fn publish(&mut self, value: i64) -> CellIndex {
        self.add(SystemCell::published(value))
    }

    pub fn add(&mut self, cell: SystemCell) -> CellIndex {
        self.cells.push(cell);
        self.cells.len() - 1
    }

    /// Adds a difference that nobody prints. With a need, it is one that must not be calculable.
    pub fn add_unprinted(&mut self, value: i64, need: Option<Need>) -> CellIndex {
        self.add(SystemCell {
            value,
            least: 0.min(value),
            seen: Seen::Unseen,
            need,
            guarded: need.is_some(),
            weight: 0.0,
        })
    }

    /// Adds `total = sum of parts` when it holds; says whether it does.
    pub fn relate(&mut self, total: CellIndex, parts: Vec<CellIndex>) -> bool {
        let sum: i128 = parts.iter().map(|&part| i128::from(self.cells[part].value)).sum();
        let holds = sum == i128::from(self.cells[total].value);
        if holds && !parts.is_empty() {
            self.relations.push(Relation { total, parts });
        }
        holds
    }

    /// Withholds a cell. An unsafe one says by `need` how far its value must stay open.
    pub fn withhold(&mut self, cell: CellIndex, need: Option<Need>) {
        let cell = &mut self.cells[cell];
        cell.seen = Seen::Unseen;
        cell.need = cell.need.or(need);
    }

    pub fn is_unseen(&self, cell: CellIndex) -> bool {
        self.cells[cell].seen == Seen::Unseen
    }

    /// Raises the least value of each cell to what the sums give whatever is withheld: a county with two towns that have
    /// a row each has at least two clients. No withholding can open a cell further down.
    pub(crate) fn raise_least(&mut self) {
        loop {
            let mut has_changed = false;
            for relation in &self.relations {
                let of_parts =
                    relation.parts.iter().fold(0_i64, |sum, &part| sum.saturating_add(self.cells[part].least));
                has_changed |= self.cells[relation.total].raise_least(of_parts);
                if let [part] = relation.parts.as_slice() {
                    let of_total = self.cells[relation.total].least;
                    has_changed |= self.cells[*part].raise_least(of_total);
                }
            }
            if !has_changed {
                return;
            }
        }
    }

    /// For each cell, the relations that it stands in.
    pub(crate) fn relations_of_cells(&self) -> Vec<Vec<usize>> {
        let mut of_cell = vec![Vec::new(); self.cells.len()];
        for (at, relation) in self.relations.iter().enumerate() {
            for cell in relation.cells() {
                of_cell[cell].push(at);
            }
        }
        of_cell
    }
}
