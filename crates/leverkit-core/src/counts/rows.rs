//! Counts of a table that is no order lines: its rows, entity by entity.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::envelope::{ROWS, Sectioned, Sections, damaged, raw};
use super::unite::Union;
use crate::columns::find;
use crate::{Column, Encoded, Error, Table, encode};

/// Rows of whole entities, in the order of the entities; those of one keep their order, and those without one come last.
#[derive(Debug, Clone)]
pub(super) struct Rows {
    entity: String,
    table: Table,
}

#[derive(Serialize, Deserialize)]
struct Said {
    entity: String,
}

impl Rows {
    pub(super) fn of(table: &Table, entity: &str) -> Result<Self, Error> {
        let codes = encode(find(table, "entity", entity)?, "entity")?.codes;
        let mut order: Vec<u32> = (0..codes.len() as u32).collect();
        // A stable sort; rows without an entity have the largest code.
        order.sort_by_key(|&row| codes[row as usize]);
        let columns = table.columns().iter().map(|column| column.take(&order)).collect::<Result<_, _>>()?;
        Ok(Self { entity: entity.into(), table: Table::new(columns)? })
    }

    pub(super) fn unite(parts: &[&Self]) -> Result<Self, Error> {
        let (first, mut all) = (parts[0], Table::default());
        for part in parts {
            if part.entity != first.entity {
                let problem = format!("the entity of some counts is {:?}, of others {:?}", first.entity, part.entity);
                return Err(Error::counts(&problem, "count all parts with the same call"));
            }
            all.append(&part.table)?;
        }
        let entities = parts.iter().map(|part| part.entities()).collect::<Result<Vec<_>, _>>()?;
        Union::of(&entities.iter().collect::<Vec<_>>(), "entity")?.check_apart("entity")?;
        Self::of(&all, &first.entity)
    }

    fn entities(&self) -> Result<Column, Error> {
        let Encoded { values, .. } = encode(find(&self.table, "entity", &self.entity)?, "entity")?;
        Ok(values)
    }

    pub(super) fn table(&self) -> &Table {
        &self.table
    }

    pub(super) fn write(&self) -> Result<Sectioned, Error> {
        Ok((raw(&Said { entity: self.entity.clone() })?, vec![(ROWS.into(), self.table.to_batch()?)]))
    }

    pub(super) fn read(contents: &RawValue, sections: &Sections) -> Result<Self, Error> {
        let said: Said = serde_json::from_str(contents.get()).map_err(|error| damaged(&error.to_string()))?;
        Ok(Self { entity: said.entity, table: sections.table(ROWS)?.clone() })
    }
}
