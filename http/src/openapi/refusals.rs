//! Which of the shop's refusals each command can answer. The catalogue itself is the core's; that nothing is missing
//! here is held by whole simulated histories (`tests/openapi`), and by every answer that any test sees.

/// Who says it.
const WHO: &[&str] = &["operator_unknown", "operator_inactive", "not_permitted"];
/// The job of what it is about is over.
const OVER: &[&str] = &["job_cancelled", "job_closed"];
const CARD: &[&str] = &[
    "unknown_id",
    "not_cut_yet",
    "voided",
    "consumed",
    "already_packed",
    "already_assembled",
    "qa_failed",
    "not_possible_now",
];
const SHEET: &[&str] = &["unknown_id", "already_cut", "voided", "not_possible_now"];
const SET: &[&str] = &["unknown_id", "voided", "already_packed"];
const PACK: &[&str] = &[
    "unknown_id",
    "pack_not_open",
    "pack_still_open",
    "pack_empty",
    "pack_shipped",
    "pack_inside",
    "pack_full",
];
const HELD: &[&str] = &["on_hold"];
const NUMBER: &[&str] = &[
    "not_serialized",
    "already_numbered",
    "number_not_free",
    "edition_exhausted",
    "spare_not_assigned",
    "out_of_route",
];
const PIECE: &[&str] = &[
    "no_memorabilia_wanted",
    "already_has_piece",
    "piece_not_free",
    "spare_not_assigned",
    "out_of_route",
];
const GATHER: &[&str] = &[
    "wrong_sheet",
    "duplicate",
    "not_ready",
    "position_conceded",
    "spare_not_assigned",
];
const INTO_PACK: &[&str] = &[
    "set_incomplete",
    "not_a_box",
    "wrong_job",
    "does_not_nest",
    "pack_number_not_next",
    "out_of_range",
    "station_needed",
];
const UNDO: &[&str] = &[
    "no_such_event",
    "cannot_be_undone",
    "something_depends_on_it",
    "nothing_to_undo",
];
const CAPTURE: &[&str] = &[
    "unreadable_barcode",
    "unknown_barcode",
    "station_needed",
    "nothing_to_do_here",
    "nothing_in_hand",
    "not_at_qa",
    "failure_without_cause",
    "rework_limit_reached",
    "out_of_route",
    "not_in_set",
];

const PRODUCT: &[&str] = &[
    "product_version_not_next",
    "product_spec_unsound",
    "exists_differently",
];

/// The codes that the call of this handler can answer, beside those of the border.
pub(super) fn of(operation_id: &str, is_scan: bool) -> Vec<&'static str> {
    let groups: &[&[&str]] = match operation_id {
        _ if is_scan => &[
            CAPTURE, OVER, CARD, SHEET, SET, PACK, HELD, NUMBER, PIECE, GATHER, INTO_PACK, UNDO,
        ],
        "record_qa_result" => &[
            CARD,
            OVER,
            HELD,
            &[
                "not_at_qa",
                "failure_without_cause",
                "out_of_route",
                "rework_limit_reached",
            ],
        ],
        "void_card_unit" => &[CARD],
        "replace_card_unit" => &[
            CARD,
            OVER,
            HELD,
            &[
                "not_voided",
                "already_replaced",
                "no_spare",
                "spare_does_not_fit",
                "out_of_range",
            ],
        ],
        "apply_sequential_number" => &[CARD, OVER, HELD, NUMBER],
        "place_memorabilia" => &[CARD, OVER, HELD, PIECE],
        "apply_embellishment" => &[CARD, OVER, HELD, &["no_such_operation", "out_of_route"]],
        "hold_card_unit" | "release_card_unit" => &[CARD, OVER, HELD, &["out_of_range"]],
        "sign_card_deviation" => &[CARD, OVER, HELD, &["no_such_operation"]],
        "sign_sheet_deviation" => &[SHEET, OVER, HELD, &["no_such_operation"]],
        "cut_sheet" => &[SHEET, OVER, HELD, &["not_ready"]],
        "record_sheet_defect" => &[SHEET, OVER, &["position_not_on_sheet"]],
        "void_sheet" => &[SHEET],
        "hold_sheet" | "release_sheet" => &[SHEET, OVER, HELD, &["out_of_range"]],
        "scan_card_for_assembly" | "remove_from_assembly" => &[CARD, SET, OVER, HELD, GATHER],
        "sign_concession" => &[
            SET,
            OVER,
            HELD,
            &[
                "concession_not_allowed",
                "concession_leaves_nothing",
                "concession_must_name_the_vacant",
                "out_of_range",
            ],
        ],
        "pack_set" => &[SET, OVER, HELD, PACK, INTO_PACK],
        "hold_assembly" | "release_assembly" => &[SET, OVER, HELD, &["out_of_range"]],
        "open_pack" => &[PACK, OVER, HELD, INTO_PACK],
        "close_pack" | "reopen_pack" | "ship_pack" => &[PACK, OVER, HELD],
        "unpack" => &[PACK, SET, OVER, &["set_incomplete"]],
        "place_order" => &[&[
            "product_not_published",
            "exists_differently",
            "out_of_range",
        ]],
        "create_job" => &[
            OVER,
            HELD,
            &[
                "unknown_id",
                "order_cancelled",
                "product_not_published",
                "exists_differently",
                "out_of_range",
            ],
        ],
        "hold_order" | "release_order" | "cancel_order" => &[
            OVER,
            HELD,
            &[
                "unknown_id",
                "order_cancelled",
                "out_of_range",
                "already_packed",
            ],
        ],
        "hold_job" | "release_job" | "cancel_job" | "reschedule_job" | "add_sheets" => {
            &[OVER, HELD, &["unknown_id", "out_of_range"]]
        }
        "close_job" => &[OVER, HELD, &["unknown_id", "job_not_finished"]],
        "reprint" => &[OVER, &["unknown_id", "out_of_range"]],
        "publish_product" => &[PRODUCT],
        "import_layout" => &[PRODUCT, &["unknown_id"]],
        "register_station" => &[&["exists_differently", "out_of_range"]],
        "take_station_down" | "bring_station_up" | "load_material_lots" => {
            &[&["unknown_id", "out_of_range"]]
        }
        "register_operator" => &[&["exists_differently", "out_of_range"]],
        "register_memorabilia" | "place_hold_rule" => {
            &[&["exists_differently", "out_of_range", "unknown_id"]]
        }
        "lift_hold_rule" => &[&["unknown_id"]],
        "correct" => &[
            UNDO, OVER, CARD, SHEET, PACK, NUMBER, PIECE, INTO_PACK, HELD, GATHER,
        ],
        other => unreachable!("{other} is a command: say here how it can be refused"),
    };
    let mut codes: Vec<&'static str> = groups
        .iter()
        .flat_map(|group| group.iter())
        .copied()
        .collect();
    codes.extend(WHO);
    codes
}
