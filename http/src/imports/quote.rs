//! A quote that was accepted in the quoting tool: `{quote_id, customer, items: [{product, quantity, due_date}]}`. One
//! order for each item.

use super::UnreadableFile;
use super::answer::Place;
use super::csv_orders::ORDERS_MAX;
use super::fields::Fields;
use super::take::{OrdersFile, WantedOrder};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use sheetwise_core::domain::values::Priority;
use smol_str::format_smolstr;

/// A quote id is part of a key, and keys are kept for ever.
const QUOTE_ID_BYTES_MAX: usize = 200;

/// What the quoting tool writes beside this (prices, discounts) is its own affair.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Quote {
    quote_id: String,
    customer: String,
    items: Vec<Item>,
}

/// Values of any kind, so that what is wrong with an item can be told with its place.
#[derive(Deserialize, JsonSchema)]
struct Item {
    #[serde(default)]
    product: Value,
    #[serde(default)]
    quantity: Value,
    #[serde(default)]
    due_date: Value,
}

/// Reads an accepted quote. Each order gets its id issued, under a key made of the quote's id and the number of
/// the item: the same quote sent again is the same orders, and with other content it is refused.
///
/// # Errors
/// What is wrong with the quote as a whole. What is wrong with its items is in the answer, all of it.
pub fn read_quote(file: &[u8]) -> Result<OrdersFile, UnreadableFile> {
    let quote: Quote = serde_json::from_slice(file).map_err(|e| {
        UnreadableFile(format!(
            "{e}: a quote is {{quote_id, customer, items: [{{product, quantity, due_date}}]}}"
        ))
    })?;
    let quote_id = quote.quote_id.trim();
    let whole = |message: String| Err(UnreadableFile(message));
    if quote_id.is_empty() || quote_id.len() > QUOTE_ID_BYTES_MAX || quote_id.contains('\0') {
        return whole(format!(
            "quote_id {quote_id:?} should be 1 to {QUOTE_ID_BYTES_MAX} bytes of text"
        ));
    }
    if quote.items.is_empty() || quote.items.len() > ORDERS_MAX {
        return whole(format!(
            "quote {quote_id} has {} items: it should have 1 to {ORDERS_MAX}",
            quote.items.len()
        ));
    }
    if quote.customer.trim().is_empty() {
        return whole(format!(
            "the customer of quote {quote_id} is empty: name the customer"
        ));
    }
    let mut read = OrdersFile::default();
    for (index, item) in quote.items.iter().enumerate() {
        let place = Place::Item(index + 1);
        let mut fields = Fields::of(place);
        let product_id = fields.id("product", &text_of(&item.product));
        let quantity = fields.quantity(&text_of(&item.quantity));
        let due_date = fields.due_date(&text_of(&item.due_date));
        read.bad_rows.extend(fields.problems);
        if let (Some(product_id), Some(quantity), Some(due_date)) = (product_id, quantity, due_date)
        {
            read.orders.push(WantedOrder {
                place,
                order_id: None,
                customer: quote.customer.trim().to_owned(),
                product_id,
                quantity,
                due_date,
                priority: Priority::default(),
                quote_id: Some(quote_id.to_owned()),
                key: Some(format_smolstr!("quote/{quote_id}/{}", index + 1)),
            });
        }
    }
    Ok(read)
}

/// The value as a person would write it into a field.
fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bad_item_is_told_with_its_number() {
        let file = read_quote(
            br#"{"quote_id": "Q-17", "customer": "Acme", "total": 12.5, "items": [
                {"product": "BASE-2026", "quantity": 1800, "due_date": "2026-04-01"},
                {"product": "BASE 2026", "quantity": 1.5},
                {"product": "BASE-2026", "quantity": "18", "due_date": "2026-04-01", "price": 3}]}"#,
        )
        .unwrap();
        assert_eq!(file.orders.len(), 2);
        assert_eq!(file.orders[1].key.as_deref(), Some("quote/Q-17/3"));
        let told: Vec<_> = file
            .bad_rows
            .iter()
            .map(|bad| {
                (
                    bad.item.unwrap(),
                    bad.column.unwrap(),
                    bad.value.as_deref().unwrap(),
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                (2, "product", "BASE 2026"),
                (2, "quantity", "1.5"),
                (2, "due_date", "")
            ]
        );
    }

    #[test]
    fn what_is_no_quote_is_refused_as_a_whole() {
        let told = |file: &str| read_quote(file.as_bytes()).unwrap_err().to_string();
        assert!(told(r#"{"customer": "Acme", "items": []}"#).contains("missing field `quote_id`"));
        assert!(
            told(r#"{"quote_id": " ", "customer": "Acme", "items": []}"#)
                .contains("1 to 200 bytes")
        );
        assert!(told(r#"{"quote_id": "Q", "customer": "Acme", "items": []}"#).contains("0 items"));
        assert!(
            told(r#"{"quote_id": "Q", "customer": " ", "items": [{}]}"#)
                .contains("name the customer")
        );
    }
}
