//! Lists of what is on the floor: a page at a time, by id. The pages after the first begin behind the last id of the
//! page before; what comes in between stands in its place by its id, and nothing is listed twice.

use crate::app::App;
use crate::extract::{Limit, Parameters};
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sheetwise_core::domain::assembly::AssemblyStatus;
use sheetwise_core::domain::card_unit::CardUnitStatus;
use sheetwise_core::domain::job::JobStatus;
use sheetwise_core::domain::order::OrderStatus;
use sheetwise_core::domain::pack::PackStatus;
use sheetwise_core::domain::sheet::SheetStatus;
use sheetwise_core::identity::{JobId, PackId, PackKind, ProductionOrderId, SheetId, StationId};
use sheetwise_core::projections::{AssemblyRow, CardUnitRow, JobRow, OrderRow, PackRow, SheetRow};
use sheetwise_store::contract::RowFilter;
use sheetwise_store::questions;
use sheetwise_store::tables::Table;
use smol_str::ToSmolStr;

/// Which rows of a table: those within what their ids begin with, that have these values, after this id.
struct Asked {
    filter: RowFilter,
    after: Option<String>,
}

impl Asked {
    fn of(table: Table, after: Option<String>, limit: Option<Limit>) -> Self {
        Self {
            filter: RowFilter {
                after: after.clone(),
                limit: limit.unwrap_or_default().get(),
                ..RowFilter::all(table)
            },
            after,
        }
    }

    fn with(mut self, column: &'static str, value: Option<&impl ToSmolStr>) -> Self {
        let value = value.map(|value| (column, vec![value.to_smolstr()]));
        self.filter.columns.extend(value);
        self
    }

    /// Ids have their sheet's and their job's as their beginning.
    fn within(mut self, id: Option<String>) -> Self {
        if let Some(id) = id {
            self.filter.within = Some(format!("{id}-"));
        }
        self
    }

    /// The rows, and `after` of the next page.
    async fn answer<T: DeserializeOwned + Send + 'static>(
        self,
        app: &App,
        id: impl Fn(&T) -> String,
    ) -> Result<(Vec<T>, Option<String>), Problem> {
        let filter = self.filter;
        let rows: Vec<T> = app
            .ask(move |reading| questions::rows(reading, &filter))
            .await?;
        let next_after = rows.last().map(id).or(self.after);
        Ok((rows, next_after))
    }
}

macro_rules! lists {
    ($(
        $(#[$doc:meta])*
        $name:ident($table:ident: $row:ident by $id:ident) -> $list:ident;
        $query:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* } $asked:ident => $filtered:expr;
    )+) => {$(
        $(#[$doc])*
        #[derive(Debug, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub(crate) struct $query {
            /// Ids after this one.
            after: Option<String>,
            limit: Option<Limit>,
            $($(#[$field_doc])* $field: Option<$type>,)*
        }

        $(#[$doc])*
        #[derive(Debug, Serialize, JsonSchema)]
        pub(crate) struct $list {
            $name: Vec<$row>,
            /// `after` of the next page; the list is at its end where a page is empty.
            next_after: Option<String>,
        }

        $(#[$doc])*
        pub(crate) async fn $name(
            State(app): State<App>,
            Parameters(query): Parameters<$query>,
        ) -> Result<Json<$list>, Problem> {
            let $asked = Asked::of(Table::$table, query.after.clone(), query.limit);
            $(let $field = query.$field.as_ref();)*
            let (rows, next_after) = $filtered.answer(&app, |row: &$row| row.$id.to_string()).await?;
            Ok(Json($list { $name: rows, next_after }))
        }
    )+};
}

lists! {
    /// Production orders.
    orders(Orders: OrderRow by order_id) -> OrderList;
    OrderQuery {
        status: OrderStatus,
    } asked => asked.with("status", status);

    /// Jobs.
    jobs(Jobs: JobRow by job_id) -> JobList;
    JobQuery {
        status: JobStatus,
        /// Only those of this order.
        order_id: ProductionOrderId,
    } asked => asked.with("status", status).with("order_id", order_id);

    /// Sheets.
    sheets(Sheets: SheetRow by sheet_id) -> SheetList;
    SheetQuery {
        /// Only those of this job.
        job_id: JobId,
        /// Only what is there now.
        station_id: StationId,
        status: SheetStatus,
    } asked => asked
        .within(job_id.map(JobId::to_string))
        .with("current_station_id", station_id)
        .with("status", status);

    /// Card units.
    card_units(CardUnits: CardUnitRow by card_unit_id) -> CardUnitList;
    CardUnitQuery {
        /// Only those of this job.
        job_id: JobId,
        /// Only those of this sheet, replacements included.
        sheet_id: SheetId,
        /// Only what is there now.
        station_id: StationId,
        status: CardUnitStatus,
    } asked => asked
        .within(sheet_id.map(SheetId::to_string).or(job_id.map(JobId::to_string)))
        .with("job_id", job_id)
        .with("current_station_id", station_id)
        .with("status", status);

    /// Sets.
    assemblies(Assemblies: AssemblyRow by assembly_id) -> AssemblyList;
    AssemblyQuery {
        /// Only those of this job.
        job_id: JobId,
        /// Only what is in this box.
        pack_id: PackId,
        status: AssemblyStatus,
    } asked => asked
        .within(job_id.map(JobId::to_string))
        .with("pack_id", pack_id)
        .with("status", status);

    /// Boxes, cases and pallets.
    packs(Packs: PackRow by pack_id) -> PackList;
    PackQuery {
        /// Only those of this job.
        job_id: JobId,
        kind: PackKind,
        status: PackStatus,
        /// Only what stands in this pack.
        outer_pack_id: PackId,
    } asked => asked
        .within(job_id.map(JobId::to_string))
        .with("kind", kind)
        .with("status", status)
        .with("outer_pack_id", outer_pack_id);
}
