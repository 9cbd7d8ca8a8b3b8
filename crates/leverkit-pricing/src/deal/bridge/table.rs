//! Bridges as record batches.

use leverkit_core::frames::{beside, each, number};
use leverkit_core::{Column, Error, LeftOut, RecordBatch, Table, Tables, batch};

use super::{Bridge, Effect, Parts};

impl Tables for Bridge {
    const TABLES: &'static [&'static str] = &["bridge", "by_key"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "by_key" => self.by_key_batch(),
            _ => self.to_batch(),
        }
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }

    fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }
}

impl Bridge {
    /// The bridge, one row per step: `effect` (base, price, volume …, against), `amount` (money), `share` (of the base).
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let mut rows = vec![("base", self.total.value[0])];
        rows.extend(self.effects(&[self.total]).map(|effect| (effect.name(), self.total.effects[effect as usize])));
        rows.push(("against", self.total.value[1]));
        batch!(
            "effect" => each(&rows, |row| row.0),
            "amount" => each(&rows, |row| row.1),
            "share" => each(&rows, |row| number(row.1 / self.total.value[0])),
        )
    }

    /// The items, one row each: the keys, `base_quantity`, `against_quantity`, `base`, `against`, `change` (money), a column for each effect, `residual`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn by_key_batch(&self) -> Result<RecordBatch, Error> {
        self.parts_batch(self.keys.clone(), &self.items())
    }

    /// The effects of the items added up by some of the keys; columns as [`Self::by_key_batch`], and `items`.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a column that is no key.
    pub fn drill_batch(&self, by: &[String]) -> Result<RecordBatch, crate::Error> {
        let (keys, parts) = self.drill(by)?;
        Ok(self.parts_batch(keys, &parts)?)
    }

    /// One row per grain: `keys`, `items`, `change`, a column for each effect (money), `residual`.
    ///
    /// # Errors
    /// [`Error::Parameter`] for more than six keys.
    pub fn granularity_batch(&self) -> Result<RecordBatch, crate::Error> {
        let grains = self.granularity()?;
        let parts: Vec<Parts> = each(&grains, |grain| grain.parts);
        let grains = batch!(
            "keys" => each(&grains, |grain| grain.keys.join(" × ")),
            "items" => each(&parts, |row| row.items),
        )?;
        Ok(beside(&[grains, self.changes(&parts)?])?)
    }

    fn parts_batch(&self, keys: Vec<Column>, parts: &[Parts]) -> Result<RecordBatch, Error> {
        let sides = batch!(
            "items" => each(parts, |row| row.items),
            "base_quantity" => each(parts, |row| row.quantity[0]),
            "against_quantity" => each(parts, |row| row.quantity[1]),
            "base" => each(parts, |row| row.value[0]),
            "against" => each(parts, |row| row.value[1]),
        )?;
        beside(&[Table::new(keys)?.to_batch()?, sides, self.changes(parts)?])
    }

    /// The change, a column for each effect, and what they leave of it.
    fn changes(&self, parts: &[Parts]) -> Result<RecordBatch, Error> {
        let mut columns = vec![Column::new("change", each(parts, |row| row.value[1] - row.value[0]))];
        columns.extend(
            self.effects(parts)
                .map(|effect| Column::new(effect.name(), each(parts, |row| row.effects[effect as usize]))),
        );
        columns.push(Column::new("residual", each(parts, Parts::residual)));
        Table::new(columns)?.to_batch()
    }

    /// The effects that these parts of the bridge can have.
    fn effects(&self, parts: &[Parts]) -> impl Iterator<Item = Effect> {
        let without_units = parts.iter().any(|row| row.effects[Effect::WithoutUnits as usize] != 0.0);
        let has = move |effect: &Effect| match effect {
            Effect::WithoutUnits => without_units,
            Effect::Currency => self.params.local_revenue.is_some(),
            Effect::Cost => self.params.cost.is_some(),
            Effect::Price | Effect::Volume | Effect::Mix | Effect::New | Effect::Lost => true,
        };
        Effect::ALL.into_iter().filter(has)
    }
}
