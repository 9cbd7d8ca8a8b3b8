//! Counts of a table that is no order lines: its rows, entity by entity; or as they come, where each is an entity of its own.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::envelope::{ROWS, Sectioned, Sections, damaged, raw};
use super::unite::Union;
use crate::columns::find;
use crate::{Column, Encoded, Error, Table, encode};

/// Rows of whole entities, in the order of the entities; those of one keep their order, and those without one come last.
#[derive(Debug, Clone)]
pub(super) struct Rows {
    /// The column of the entities; `None` where each row is one.
    entity: Option<String>,
    table: Table,
}

#[derive(Serialize, Deserialize)]
struct Said {
    entity: Option<String>,
}

impl Rows {
    pub(super) fn of(table: &Table, entity: Option<&str>) -> Result<Self, Error> {
        let Some(entity) = entity else { return Ok(Self { entity: None, table: table.clone() }) };
        let codes = encode(find(table, "entity", entity)?, "entity")?.codes;
        let mut order: Vec<u32> = (0..codes.len() as u32).collect();
        // A stable sort; rows without an entity have the largest code.
        order.sort_by_key(|&row| codes[row as usize]);
        let columns = table.columns().iter().map(|column| column.take(&order)).collect::<Result<_, _>>()?;
        Ok(Self { entity: Some(entity.into()), table: Table::new(columns)? })
    }

    pub(super) fn unite(parts: &[&Self]) -> Result<Self, Error> {
        let (first, mut all) = (parts[0], Table::default());
        for part in parts {
            if part.entity != first.entity {
                let name = |rows: &Self| {
                    rows.entity.as_ref().map_or_else(|| "each row".into(), |entity| format!("{entity:?}"))
                };
                let problem = format!("the entity of some counts is {}, of others {}", name(first), name(part));
                return Err(Error::counts(&problem, "count all parts with the same call"));
            }
            all.append(&part.table)?;
        }
        let entities = parts.iter().filter_map(|part| part.entities().transpose()).collect::<Result<Vec<_>, _>>()?;
        Union::of(&entities.iter().collect::<Vec<_>>(), "entity")?.check_apart("entity")?;
        Self::of(&all, first.entity.as_deref())
    }

    fn entities(&self) -> Result<Option<Column>, Error> {
        let Some(entity) = &self.entity else { return Ok(None) };
        let Encoded { values, .. } = encode(find(&self.table, "entity", entity)?, "entity")?;
        Ok(Some(values))
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
