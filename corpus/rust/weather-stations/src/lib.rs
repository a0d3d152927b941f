//! Stations and the wind that they last measured.
use std::collections::BTreeMap;

include!(concat!(env!("OUT_DIR"), "/beaufort.rs"));

/// The name of a wind of so many metres per second.
pub fn wind_name(speed: f64) -> &'static str {
    BEAUFORT
        .iter()
        .find(|(below, _)| speed < *below)
        .map_or("hurricane", |(_, name)| name)
}

/// Reads lines of `name,speed`; the error names the line that is none.
pub fn parse_stations(text: &str) -> Result<BTreeMap<String, f64>, String> {
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(index, line)| {
            line.split_once(',')
                .and_then(|(name, speed)| Some((name.to_owned(), speed.trim().parse().ok()?)))
                .ok_or_else(|| format!("line {}: {line:?}", index + 1))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_wind() {
        assert_eq!(wind_name(0.0), "calm");
        assert_eq!(wind_name(17.2), "gale");
        assert_eq!(wind_name(40.0), "hurricane");
    }

    #[test]
    fn tells_where_a_list_is_wrong() {
        assert_eq!(parse_stations("a,1\n\nb"), Err("line 3: \"b\"".to_owned()));
    }
}
