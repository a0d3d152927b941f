//! GET / lists all stations, GET /<station> answers one.
use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::{env, fs, process, thread};

use stations::{parse_stations, wind_name};

fn page(path: &str, stations: &BTreeMap<String, f64>) -> (&'static str, String) {
    let line = |name: &str, speed: f64| format!("{name}: {speed:.1} m/s, {}\n", wind_name(speed));
    match path.trim_start_matches('/') {
        "" => ("200 OK", stations.iter().map(|(name, speed)| line(name, *speed)).collect()),
        name => match stations.get(name) {
            Some(speed) => ("200 OK", line(name, *speed)),
            None => ("404 Not Found", format!("no station {name}\n")),
        },
    }
}

fn answer(mut stream: TcpStream, stations: &BTreeMap<String, f64>) -> io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let mut header = String::new();
    while reader.read_line(&mut header)? > 2 {
        header.clear();
    }
    let path = request.split_whitespace().nth(1).unwrap_or("/");
    let (status, body) = page(path, stations);
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn load() -> Result<BTreeMap<String, f64>, String> {
    let file = env::var("STATIONS_FILE").map_err(|_| "STATIONS_FILE is not set".to_owned())?;
    let text = fs::read_to_string(&file).map_err(|error| format!("{file}: {error}"))?;
    parse_stations(&text)
}

fn main() {
    let stations = load().unwrap_or_else(|error| {
        eprintln!("stations: {error}");
        process::exit(1);
    });
    let listener = TcpListener::bind(("0.0.0.0", 8000)).expect("port 8000");
    println!("{} stations on port 8000", stations.len());
    thread::scope(|scope| {
        for stream in listener.incoming().flatten() {
            let stations = &stations;
            scope.spawn(move || {
                if let Err(error) = answer(stream, stations) {
                    eprintln!("stations: {error}");
                }
            });
        }
    });
}
