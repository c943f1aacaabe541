// A store as years of a plant leave it, made by the product's own steps, and how it grows meanwhile.
//
//   growth-benchmark fill FOLDER EVENTS DAYS    a data folder with so many reports, spread over the days before now
//   growth-benchmark configuration              the configuration that the store is of, for `andon serve`
//
// Each report goes through intake, each order through the dispatcher to the built-in desk, is closed there and comes back
// through the step that follows orders. Only the clock is moved, and files of pictures are not synced.
import Foundation

let words = Array(CommandLine.arguments.dropFirst())
switch (words.first, words.count) {
case ("configuration", 1):
    print(Past.configuration)
case ("fill", 4):
    guard let events = Int(words[2]), let days = Int(words[3]), events > 0, days > 0 else { fallthrough }
    let filling = try await Filling(folder: words[1], events: events, days: days)
    try await filling.run()
default:
    print("usage: growth-benchmark fill FOLDER EVENTS DAYS | configuration")
    exit(64)
}
