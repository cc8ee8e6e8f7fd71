//! The organization as tables for a terminal: its accounts, and its address space.

use std::fmt::Write as _;

use crate::map::{Account, Map, Pool};
use crate::text::inert;

/// What stands where there is nothing.
const NOTHING: &str = "-";

/// A table, and what of it found no room.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    /// A line for the headings and one a row; nothing if there are no rows.
    pub text: String,
    /// Headings of columns that are left out.
    pub left_out: Vec<&'static str>,
}

/// The accounts, a line each, in columns of at most `width` characters in all.
pub fn accounts(map: &Map, width: Option<usize>) -> Table {
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| NOTHING.to_owned());
    let network = |account: &Account| account.network.map_or_else(|| NOTHING.to_owned(), |network| network.to_string());
    let common = map.common_features();
    let besides = |account: &Account| {
        let on = account.features.iter().map(String::as_str).filter(|name| !common.contains(name));
        Some(on.collect::<Vec<_>>().join(" ")).filter(|list| !list.is_empty()).unwrap_or_else(|| NOTHING.to_owned())
    };
    let column = |heading, loss, cell: &dyn Fn(&Account) -> String| Column {
        heading,
        loss,
        is_number: false,
        cells: map.accounts.iter().map(cell).collect(),
    };
    table(
        vec![
            column("ACCOUNT", 0, &|account| account.key.clone()),
            column("ID", 1, &|account| text(&account.id)),
            column("TEAM", 2, &|account| account.team.clone()),
            column("NETWORK", 3, &network),
            column("WAVE", 4, &|account| account.wave.clone()),
            column("LIFECYCLE", 5, &|account| account.lifecycle.clone()),
            column("REGION", 6, &|account| account.region.clone()),
            column("UNIT", 7, &|account| account.unit.clone()),
            column("ALSO HAS", 8, &besides),
        ],
        width,
    )
}

/// The pools, a line each.
pub fn pools(map: &Map, width: Option<usize>) -> Table {
    let column = |heading, loss, cell: &dyn Fn(&Pool) -> String| Column {
        heading,
        loss,
        is_number: !matches!(heading, "POOL" | "ONLY FOR" | "ROOM FOR"),
        cells: map.address_space.pools.iter().map(cell).collect(),
    };
    let share = |part: fn(&Pool) -> u64| move |pool: &Pool| percent(part(pool) as f64 / pool.addresses as f64);
    table(
        vec![
            column("POOL", 0, &|pool| pool.cidr.to_string()),
            column("ONLY FOR", 5, &only_for),
            column("HELD", 2, &share(|pool| pool.held)),
            column("RESERVED", 7, &share(|pool| pool.reserved)),
            column("QUARANTINED", 8, &share(|pool| pool.quarantined)),
            column("FREE", 1, &share(|pool| pool.free)),
            column("LARGEST", 4, &|pool| {
                pool.largest_free.map_or_else(|| NOTHING.to_owned(), |prefix| format!("/{prefix}"))
            }),
            column("FRAGMENTED", 6, &|pool| percent(pool.fragmentation)),
            column("ROOM FOR", 3, &room_for),
        ],
        width,
    )
}

/// Whom a pool serves.
fn only_for(pool: &Pool) -> String {
    let lists = [&pool.environments, &pool.regions].map(|list| list.join(" or "));
    let lists: Vec<String> = lists.into_iter().filter(|list| !list.is_empty()).collect();
    if lists.is_empty() { NOTHING.to_owned() } else { lists.join(" in ") }
}

/// How many blocks fit, size by size.
fn room_for(pool: &Pool) -> String {
    let sizes: Vec<String> = pool.room.iter().map(|room| format!("{} × /{}", room.blocks, room.prefix)).collect();
    if sizes.is_empty() { NOTHING.to_owned() } else { sizes.join(" or ") }
}

/// A share in per cent. What is there never reads 0 %, and what is not whole never 100 %.
fn percent(share: f64) -> String {
    match share {
        share if share > 0.0 && share < 0.01 => "< 1 %".to_owned(),
        share if share > 0.99 && share < 1.0 => "> 99 %".to_owned(),
        share => format!("{:.0} %", share * 100.0),
    }
}

struct Column {
    heading: &'static str,
    /// Columns are left out from the highest down; 0 never is.
    loss: u8,
    is_number: bool,
    cells: Vec<String>,
}

impl Column {
    fn width(&self) -> usize {
        self.cells.iter().map(|cell| length(cell)).chain([self.heading.len()]).max().unwrap_or(0)
    }

    /// Whether it says the same of everybody, so that leaving it out loses least.
    fn is_uniform(&self) -> bool {
        self.cells.len() > 1 && self.cells.windows(2).all(|pair| pair[0] == pair[1])
    }
}

fn length(text: &str) -> usize {
    text.chars().count()
}

fn table(mut columns: Vec<Column>, width: Option<usize>) -> Table {
    for cell in columns.iter_mut().flat_map(|column| &mut column.cells) {
        *cell = inert(cell).into_owned();
    }
    let headings: Vec<&str> = columns.iter().map(|column| column.heading).collect();
    let needed = |columns: &[Column]| columns.iter().map(|column| column.width() + 2).sum::<usize>().saturating_sub(2);
    while width.is_some_and(|width| needed(&columns) > width) {
        let least = columns.iter().enumerate().filter(|(_, column)| column.loss > 0);
        let Some((index, _)) = least.max_by_key(|(_, column)| (column.is_uniform(), column.loss)) else { break };
        columns.remove(index);
    }
    let is_there = |heading: &&str| columns.iter().any(|column| column.heading == *heading);
    let left_out = headings.into_iter().filter(|heading| !is_there(heading)).collect();
    let rows = columns.first().map_or(0, |column| column.cells.len());
    // Once: a column is as wide as the widest of all its rows.
    let widths: Vec<usize> = columns.iter().map(Column::width).collect();
    let mut text = String::new();
    let mut line = |cell: &dyn Fn(&Column) -> String| {
        let mut row = String::new();
        for (column, width) in columns.iter().zip(&widths) {
            let cell = cell(column);
            let pad = " ".repeat(width.saturating_sub(length(&cell)));
            let (before, after) = if column.is_number { (pad.as_str(), "") } else { ("", pad.as_str()) };
            write!(row, "{before}{cell}{after}  ").ok();
        }
        writeln!(text, "{}", row.trim_end()).ok();
    };
    if rows > 0 {
        line(&|column| column.heading.to_owned());
    }
    for row in 0..rows {
        line(&|column| column.cells[row].clone());
    }
    Table { text, left_out }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map() -> Map {
        let account = |key: &str, region: &str, network: &str| Account {
            key: key.to_owned(),
            team: "catalog".to_owned(),
            lifecycle: "active".to_owned(),
            wave: "everyone".to_owned(),
            unit: "Workloads/\u{202e}dev".to_owned(),
            region: region.to_owned(),
            network: network.parse().ok(),
            ..Account::default()
        };
        let accounts =
            vec![account("catalog/dev", "eu-west-1", "10.64.16.0/22"), account("catalog/prod", "us-east-1", "")];
        Map { accounts, ..Map::default() }
    }

    #[test]
    fn what_is_the_same_everywhere_goes_first_and_who_it_is_never() {
        let table = accounts(&map(), Some(60));
        assert_eq!(
            table.text,
            "ACCOUNT       ID  TEAM     NETWORK        REGION\n\
             catalog/dev   -   catalog  10.64.16.0/22  eu-west-1\n\
             catalog/prod  -   catalog  -              us-east-1\n"
        );
        assert_eq!(table.left_out, ["WAVE", "LIFECYCLE", "UNIT", "ALSO HAS"]);
        assert_eq!(accounts(&map(), Some(1)).text, "ACCOUNT\ncatalog/dev\ncatalog/prod\n");
    }

    #[test]
    fn nothing_is_left_out_where_there_is_room() {
        let table = accounts(&map(), None);
        assert!(table.left_out.is_empty());
        assert!(table.text.contains(r"Workloads/\u{202e}dev"), "{}", table.text);
        assert_eq!(accounts(&Map::default(), Some(80)).text, "");
    }

    #[test]
    fn a_little_is_not_nothing_and_nearly_all_is_not_all() {
        assert_eq!([0.0, 0.002, 0.5, 0.995, 1.0].map(percent), ["0 %", "< 1 %", "50 %", "> 99 %", "100 %"]);
    }
}
