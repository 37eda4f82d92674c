//! The document for people: one page, made here, that fetches nothing from elsewhere.

use serde_json::Value;
use std::fmt::Write;

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;margin:0;color:#222;background:#fff;display:grid;\
grid-template-columns:18rem 1fr}nav{position:sticky;top:0;height:100vh;overflow:auto;background:#f4f4f1;padding:1rem;\
box-sizing:border-box;font-size:13px}nav a{display:block;color:#333;text-decoration:none}nav h4{margin:1rem 0 .2rem}\
main{padding:1rem 2rem;max-width:60rem;min-width:0}section{border-top:1px solid #ddd;padding-top:.5rem;margin-top:1.5rem}\
code,pre{font:13px ui-monospace,monospace}pre{background:#f4f4f1;padding:.7rem;overflow:auto;max-height:24rem}\
table{border-collapse:collapse}td,th{text-align:left;vertical-align:top;padding:.15rem .8rem .15rem 0}\
.method{font-weight:700;color:#0a5}.post{color:#a40}summary{cursor:pointer}";

/// The page of this document.
pub(super) fn page(document: &Value) -> String {
    let mut nav = String::new();
    let mut main = String::new();
    write(
        &mut main,
        format_args!(
            "<h1>{} {}</h1>",
            text(&document["info"]["title"]),
            text(&document["info"]["version"])
        ),
    );
    for paragraph in document["info"]["description"]
        .as_str()
        .unwrap_or_default()
        .split("\n\n")
    {
        write(&mut main, format_args!("<p>{}</p>", inline(paragraph)));
    }
    write(
        &mut main,
        format_args!("<p>For programs: <a href=\"/openapi.json\">/openapi.json</a></p>"),
    );
    for room in document["tags"].as_array().into_iter().flatten() {
        write(&mut nav, format_args!("<h4>{}</h4>", text(&room["name"])));
        write(&mut main, format_args!("<h2>{}</h2>", text(&room["name"])));
        for (path, methods) in document["paths"].as_object().into_iter().flatten() {
            for (method, call) in methods.as_object().into_iter().flatten() {
                if call["tags"][0] == room["name"] {
                    let id = text(&call["operationId"]);
                    let line = format!("{} {}", method.to_uppercase(), escaped(path));
                    write(&mut nav, format_args!("<a href=\"#{id}\">{line}</a>"));
                    write(
                        &mut main,
                        format_args!(
                            "<section id=\"{id}\"><h3><span class=\"method {method}\">{}</span> <code>{}</code></h3>",
                            method.to_uppercase(),
                            escaped(path)
                        ),
                    );
                    section(&mut main, call);
                    main.push_str("</section>");
                }
            }
        }
    }
    main.push_str("<h2>Shapes</h2>");
    for (name, shape) in document["components"]["schemas"]
        .as_object()
        .into_iter()
        .flatten()
    {
        let name = escaped(name);
        write(
            &mut main,
            format_args!(
                "<details id=\"shape-{name}\"><summary><code>{name}</code></summary>{}</details>",
                json(shape)
            ),
        );
    }
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Sheetwise API</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><style>{STYLE}</style></head>\
         <body><nav>{nav}</nav><main>{main}</main></body></html>"
    )
}

fn section(main: &mut String, call: &Value) {
    write(main, format_args!("<p>{}</p>", text(&call["summary"])));
    let parameters = call["parameters"].as_array().map_or(&[][..], Vec::as_slice);
    if !parameters.is_empty() {
        main.push_str("<table><tr><th>Parameter</th><th>in</th><th></th><th></th></tr>");
        for parameter in parameters {
            write(
                main,
                format_args!(
                    "<tr><td><code>{}</code></td><td>{}</td><td>{}</td><td>{}</td></tr>",
                    text(&parameter["name"]),
                    text(&parameter["in"]),
                    shape(&parameter["schema"]),
                    inline(parameter["description"].as_str().unwrap_or_default()),
                ),
            );
        }
        main.push_str("</table>");
    }
    if let Some(body) = call.pointer("/requestBody/content/application~1json") {
        write(
            main,
            format_args!("<p>Body: {}</p>", shape(&body["schema"])),
        );
        example(main, body);
    }
    for (status, answer) in call["responses"].as_object().into_iter().flatten() {
        let lines = answer["description"].as_str().unwrap_or_default();
        let lines: Vec<String> = lines
            .split("\n- ")
            .map(|line| inline(line.trim_start_matches("- ")))
            .collect();
        write(
            main,
            format_args!("<p><b>{}</b> {}", escaped(status), lines.join("<br>")),
        );
        for (media_type, content) in answer["content"].as_object().into_iter().flatten() {
            if status.starts_with('2') {
                write(
                    main,
                    format_args!(
                        " {} <code>{}</code>",
                        shape(&content["schema"]),
                        escaped(media_type)
                    ),
                );
            }
            main.push_str("</p><p>");
            example(main, content);
        }
        main.push_str("</p>");
    }
}

fn example(main: &mut String, content: &Value) {
    if let Some(example) = content.get("example") {
        write(
            main,
            format_args!(
                "<details><summary>Example</summary>{}</details>",
                json(example)
            ),
        );
    }
}

/// The shape in a word or two, with a link where it has a name.
fn shape(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|at| at.rsplit('/').next()) {
        let name = escaped(name);
        return format!("<a href=\"#shape-{name}\">{name}</a>");
    }
    match &schema["type"] {
        Value::String(word) => escaped(word),
        _ => String::new(),
    }
}

fn json(value: &Value) -> String {
    let pretty = serde_json::to_string_pretty(value).unwrap_or_default();
    format!("<pre>{}</pre>", escaped(&pretty))
}

fn text(value: &Value) -> String {
    escaped(value.as_str().unwrap_or_default())
}

/// Text in which `code` stands between backticks.
fn inline(words: &str) -> String {
    let mut html = String::new();
    for (index, part) in escaped(words).split('`').enumerate() {
        if index % 2 == 1 {
            write(&mut html, format_args!("<code>{part}</code>"));
        } else {
            html.push_str(part);
        }
    }
    html
}

fn escaped(words: &str) -> String {
    words
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

fn write(html: &mut String, arguments: std::fmt::Arguments<'_>) {
    html.write_fmt(arguments).expect("text grows");
}
