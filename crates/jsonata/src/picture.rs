//! Picture strings: numbers, integers and dates as a picture shows them (XPath's fn:format-*).

mod calendar;
mod date;
mod date_parse;
mod decimal;
mod integer;
mod words;

pub(crate) use date::format as format_date;
pub(crate) use date_parse::parse as parse_date;
pub(crate) use decimal::number;
pub(crate) use integer::{format as format_integer, parse as parse_integer};
