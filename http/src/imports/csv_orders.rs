//! Orders as CSV: `order_id,customer,product,quantity,due_date,priority`, columns in any order.

use super::UnreadableFile;
use super::answer::Place;
use super::fields::Fields;
use super::take::{OrdersFile, WantedOrder};
use sha2::{Digest, Sha256};
use smol_str::{SmolStr, format_smolstr};
use std::fmt::Write;

/// A column of the file, and whether each file has to have it.
const COLUMNS: [(&str, bool); 6] = [
    ("order_id", false),
    ("customer", true),
    ("product", true),
    ("quantity", true),
    ("due_date", true),
    ("priority", false),
];

/// So many orders come in one file at most.
pub(super) const ORDERS_MAX: usize = 10_000;

/// Reads a file of orders: UTF-8, with or without a mark at its beginning, fields quoted where need be, lines ended
/// either way, separated by commas, or by semicolons where the header has those and no comma.
///
/// An order without an id gets one issued, under a key made of the whole file and the line, so that the same file
/// sent again is the same orders.
///
/// # Errors
/// What is wrong with the file as a whole. What is wrong with its rows is in the answer, all of it.
pub fn read_orders_csv(file: &[u8]) -> Result<OrdersFile, UnreadableFile> {
    let text = text_of(file)?;
    let header = text.lines().next().unwrap_or_default();
    let separator = if header.contains(';') && !header.contains(',') {
        b';'
    } else {
        b','
    };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let header = reader
        .headers()
        .map_err(|e| UnreadableFile(e.to_string()))?;
    let columns = columns_of(header)?;
    let width = header.len();
    let file_key = key_of(file);
    let mut read = OrdersFile::default();
    for (number, row) in reader.records().enumerate() {
        // The text is UTF-8 and rows may be of any length, so there is nothing else that the reader refuses.
        let row = row.map_err(|e| UnreadableFile(e.to_string()))?;
        if row.iter().all(str::is_empty) {
            continue; // what a spreadsheet leaves behind
        }
        if number >= ORDERS_MAX {
            let message = format!("the file has more than {ORDERS_MAX} orders: send it in parts");
            return Err(UnreadableFile(message));
        }
        let line = row.position().map_or(0, csv::Position::line);
        let place = Place::Line(line);
        if row.len() != width {
            let message = format!(
                "the row has {} fields, and the header {width}: quote a field that holds a separator",
                row.len()
            );
            read.bad_rows
                .push(place.bad(None, None, "malformed", message));
            continue;
        }
        let field = |column: usize| columns[column].map_or("", |at| &row[at]);
        let mut fields = Fields::of(place);
        let order_id = match field(0) {
            "" => Some(None),
            text => fields.id("order_id", text).map(Some),
        };
        let customer = fields.customer(field(1));
        let product_id = fields.id("product", field(2));
        let quantity = fields.quantity(field(3));
        let due_date = fields.due_date(field(4));
        let priority = fields.priority(field(5));
        read.bad_rows.extend(fields.problems);
        if let (
            Some(order_id),
            Some(customer),
            Some(product_id),
            Some(quantity),
            Some(due_date),
            Some(priority),
        ) = (order_id, customer, product_id, quantity, due_date, priority)
        {
            let key = match &order_id {
                Some(_) => None,
                None => Some(format_smolstr!("import/{file_key}/{line}")),
            };
            read.orders.push(WantedOrder {
                place,
                order_id,
                customer,
                product_id,
                quantity,
                due_date,
                priority,
                quote_id: None,
                key,
            });
        }
    }
    Ok(read)
}

fn text_of(file: &[u8]) -> Result<&str, UnreadableFile> {
    if file.starts_with(b"\xff\xfe") || file.starts_with(b"\xfe\xff") {
        let message = "the file is UTF-16: save it as CSV in UTF-8";
        return Err(UnreadableFile(message.to_owned()));
    }
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    std::str::from_utf8(file).map_err(|e| {
        let before = &file[..e.valid_up_to()];
        let line = before.split(|byte| *byte == b'\n').count();
        let byte = file[e.valid_up_to()];
        UnreadableFile(format!(
            "line {line} holds the byte {byte:#04x}, which is not UTF-8: save the file as CSV in UTF-8"
        ))
    })
}

/// Where each of our columns stands; every problem of the header at once.
fn columns_of(header: &csv::StringRecord) -> Result<[Option<usize>; 6], UnreadableFile> {
    let mut found = [None; 6];
    let mut problems = String::new();
    for (at, name) in header.iter().enumerate() {
        let known = COLUMNS
            .iter()
            .position(|(column, _)| column.eq_ignore_ascii_case(name));
        let problem = match known {
            Some(column) if found[column].is_none() => {
                found[column] = Some(at);
                continue;
            }
            Some(_) => format!("column {} is a second {name:?}; ", at + 1),
            None => format!("column {} is {name:?}, which is not known; ", at + 1),
        };
        problems.push_str(&problem);
    }
    for ((column, needed), at) in COLUMNS.iter().zip(found) {
        if *needed && at.is_none() {
            write!(problems, "there is no column {column:?}; ").expect("a String takes any text");
        }
    }
    if problems.is_empty() {
        return Ok(found);
    }
    Err(UnreadableFile(format!(
        "line 1: {problems}the header should be order_id,customer,product,quantity,due_date,priority in any order, \
         with order_id and priority where they are needed"
    )))
}

/// Files of the same content have the same key.
fn key_of(file: &[u8]) -> SmolStr {
    let hash = Sha256::digest(file);
    let digits: String = hash[..12]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    digits.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> OrdersFile {
        read_orders_csv(text.as_bytes()).unwrap()
    }

    #[test]
    fn columns_come_in_any_order_from_any_program() {
        let plain = read(
            "order_id,customer,product,quantity,due_date,priority\nPO-7,\"Acme, Inc.\",BASE-2026,1800,2026-04-01,3\n",
        );
        let german = read(
            "\u{feff}Due_Date;Quantity;Product;Customer;Order_ID;Priority\r\n\r\n2026-04-01;1800; base-2026 ;\"Acme, Inc.\";po-7;3\r\n;;;;;\r\n",
        );
        assert_eq!(plain.bad_rows, []);
        assert_eq!(german.bad_rows, []);
        let (plain, german) = (&plain.orders[0], &german.orders[0]);
        assert_eq!(
            (plain.place, german.place),
            (Place::Line(2), Place::Line(3))
        );
        assert_eq!(plain.customer, "Acme, Inc.");
        let same = WantedOrder {
            place: plain.place,
            ..german.clone()
        };
        assert_eq!(&same, plain);
    }

    #[test]
    fn every_bad_field_is_told_with_its_line_and_what_stands_there() {
        let file = read(
            "customer,product,quantity,due_date,priority\n\
             ,BASE-2026,0,01.04.2026,200\n\
             \"Acme\nCards\",J1-BASE,12,2026-02-30,\n\
             Acme,BASE-2026,12\n\
             Acme,BASE-2026,12,2026-04-01,\n",
        );
        let told: Vec<_> = file
            .bad_rows
            .iter()
            .map(|bad| (bad.line.unwrap(), bad.column, bad.value.as_deref()))
            .collect();
        assert_eq!(
            told,
            [
                (2, Some("customer"), Some("")),
                (2, Some("quantity"), Some("0")),
                (2, Some("due_date"), Some("01.04.2026")),
                (2, Some("priority"), Some("200")),
                (3, Some("product"), Some("J1-BASE")),
                (3, Some("due_date"), Some("2026-02-30")),
                (5, None, None),
            ]
        );
        assert_eq!(file.orders.len(), 1);
        assert_eq!(file.orders[0].place, Place::Line(6));
    }

    #[test]
    fn an_order_without_an_id_has_the_key_of_its_file_and_line() {
        let text =
            "customer,product,quantity,due_date\nAcme,BASE,1,2026-04-01\nAcme,BASE,1,2026-04-01\n";
        let (first, again) = (read(text), read(text));
        assert_eq!(first.orders, again.orders);
        assert_ne!(first.orders[0].key, first.orders[1].key);
        let other = read(&text.replace("Acme,BASE,1,", "Acme,BASE,2,"));
        assert_ne!(first.orders[0].key, other.orders[0].key);
    }

    #[test]
    fn a_file_that_is_none_is_refused_as_a_whole() {
        let told = |file: &[u8]| read_orders_csv(file).unwrap_err().to_string();
        assert!(told(b"\xff\xfeo\0").contains("UTF-16"));
        assert_eq!(
            told(b"customer\nM\xfcller\n"),
            "line 2 holds the byte 0xfc, which is not UTF-8: save the file as CSV in UTF-8"
        );
        let header = told(b"customer,customer,colour,quantity\n");
        assert!(
            header.starts_with(
                "line 1: column 2 is a second \"customer\"; column 3 is \"colour\", which is not known; \
                 there is no column \"product\"; there is no column \"due_date\"; the header should be"
            ),
            "{header}"
        );
        assert!(told(b"").contains("there is no column \"customer\""));
    }
}
