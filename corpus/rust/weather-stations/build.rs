//! Makes the table of wind forces from data/beaufort.txt.
use std::{env, fs, path::Path};

fn main() {
    println!("cargo:rerun-if-changed=data/beaufort.txt");
    let scale = fs::read_to_string("data/beaufort.txt").expect("data/beaufort.txt");
    let rows: String = scale
        .lines()
        .map(|line| {
            let (below, name) = line.split_once(' ').expect("a speed and a name");
            format!("    ({:.1}, {name:?}),\n", below.parse::<f64>().expect("a speed"))
        })
        .collect();
    let path = Path::new(&env::var("OUT_DIR").unwrap()).join("beaufort.rs");
    fs::write(path, format!("pub const BEAUFORT: &[(f64, &str)] = &[\n{rows}];\n")).unwrap();
}
