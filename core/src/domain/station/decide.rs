//! What may happen to a station next.

use super::{
    MaterialLotsLoaded, Station, StationCameUp, StationDescription, StationReconfigured,
    StationRegistered, StationWentDown,
};
use crate::domain::{Decimal, Decision, Refusal};
use crate::identity::{MaterialLotId, StationId};

/// Sets the station up, or describes it anew.
pub fn register(
    station: Option<&Station>,
    station_id: &StationId,
    description: &StationDescription,
) -> Result<Decision, Refusal> {
    if description.rated_capacity == Decimal::default() || description.machines == 0 {
        let what =
            format!("Station {station_id} needs a rated capacity above 0 and at least one machine");
        return Err(Refusal::OutOfRange { what });
    }
    if let Some(downtime) = (description.planned_downtime.iter()).find(|d| d.from >= d.to) {
        let what = format!(
            "The planned downtime of station {station_id} from {} ends at {}: it should end after it begins",
            downtime.from, downtime.to
        );
        return Err(Refusal::OutOfRange { what });
    }
    let problems = description.operating_hours.problems();
    if !problems.is_empty() {
        let what = format!("Station {station_id}: {}", problems.join("; "));
        return Err(Refusal::OutOfRange { what });
    }
    match station {
        None => Ok(Decision::record(StationRegistered {
            station_id: station_id.clone(),
            description: description.clone(),
        })),
        Some(existing) if existing.description == *description => Ok(Decision::AlreadyRecorded),
        // What was done there stays true only if the kind of work stays the same.
        Some(existing) if existing.description.station_type != description.station_type => {
            Err(Refusal::ExistsDifferently {
                what: format!(
                    "a {} station {station_id}",
                    existing.description.station_type
                ),
            })
        }
        Some(_) => Ok(Decision::record(StationReconfigured {
            station_id: station_id.clone(),
            description: description.clone(),
        })),
    }
}

/// Records that the station does not work.
pub fn take_down(station: &Station, reason: &str) -> Result<Decision, Refusal> {
    if station.down.as_deref() == Some(reason) {
        return Ok(Decision::AlreadyRecorded);
    }
    Ok(Decision::record(StationWentDown {
        station_id: station.station_id.clone(),
        reason: reason.to_owned(),
    }))
}

/// Records that the station works again.
pub fn bring_up(station: &Station) -> Result<Decision, Refusal> {
    if station.down.is_none() {
        return Ok(Decision::AlreadyRecorded);
    }
    Ok(Decision::record(StationCameUp {
        station_id: station.station_id.clone(),
    }))
}

/// Loads these lots instead of what was loaded.
pub fn load_material_lots(station: &Station, lots: &[MaterialLotId]) -> Result<Decision, Refusal> {
    if station.material_lot_ids == lots {
        return Ok(Decision::AlreadyRecorded);
    }
    Ok(Decision::record(MaterialLotsLoaded {
        station_id: station.station_id.clone(),
        material_lot_ids: lots.to_vec(),
    }))
}
