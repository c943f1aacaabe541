import AndonLedger
import AndonModel
import AndonWeb
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import ServiceLifecycle

/// One open page of Now: what is new, as fragments in its language, until the client goes or the server stops.
struct NowStream: Sendable {
    let tools: PageTools
    let filter: DetectionFilter
    let language: Language
    let pictureWidth: Int
    /// Asked with each beat: a stream ends with its session.
    let isSignedIn: @Sendable () async throws -> Bool

    /// A stream ends after this time, and the browser comes back by itself: who may look at what is then asked anew.
    static let ageMax: Duration = .seconds(600)
    /// Milliseconds until a browser comes back.
    private static let retry = 2000

    /// What tells one version of the pages from another.
    static func version(_ web: Web) -> String {
        [Software.version, web.address(ofAsset: "now.js"), web.address(ofAsset: "style.css")].joined(separator: " ")
    }

    /// - Parameter start: up to where the client has everything; nil for now.
    /// - Throws: ``Problem`` 503 when too many watch.
    func response(to request: Request, from start: NowPlace?) async throws -> Response {
        let feed = tools.now
        try await feed.demandRoom()
        var headers: HTTPFields = [
            .contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-store",
            .xContentTypeOptions: "nosniff",
        ]
        // A proxy that collects answers would keep all of it.
        if let name = HTTPField.Name("X-Accel-Buffering") { headers[name] = "no" }
        let body = ResponseBody { writer in
            // Here, and not before: a body that nobody asks for (HEAD) must hold no place.
            guard let begin = try? await feed.subscribe(from: start), case .following(let subscription) = begin else {
                try await writer.write([NowEvent(name: "reload")].buffer)
                try await writer.finish(nil)
                return
            }
            do {
                try await withGracefulShutdownHandler {
                    try await request.body.consumeWithInboundCloseHandler { _ in
                        try await follow(subscription, from: start ?? subscription.missed.from, &writer)
                    } onInboundClosed: {
                        subscription.end()
                    }
                } onGracefulShutdown: {
                    subscription.end()
                }
            } catch {
                await feed.leave(subscription.id)
                throw error
            }
            if await feed.leave(subscription.id) { try await writer.write([NowEvent(name: "reload")].buffer) }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: headers, body: body)
    }

    private func follow(
        _ subscription: NowFeed.Subscription, from place: NowPlace, _ writer: inout any ResponseBodyWriter
    ) async throws {
        let begunAt = tools.store.time.uptime()
        var teller = NowTeller(
            tools: tools, filter: filter, language: language, pictureWidth: pictureWidth, place: place)
        try await writer.write(ByteBuffer(string: "retry: \(Self.retry)\n\n"))
        try await writer.write([NowEvent(name: "version", data: Self.version(tools.web))].buffer)
        try await writer.write(teller.events(of: subscription.missed).buffer)
        for await message in subscription.messages {
            switch message {
            case .change(let change):
                var events = teller.events(of: change)
                if change.hasAlarms { events += try await teller.summary() }
                if !events.isEmpty { try await writer.write(events.buffer) }
            case .beat(let beaten):
                guard try await isSignedIn() else {
                    return try await writer.write([NowEvent(name: "ended")].buffer)
                }
                // A comment, as some programs between here and the browser want one.
                try await writer.write(ByteBuffer(string: ": here\n\n"))
                var events = teller.beat(beaten)
                events += try await teller.summary()
                try await writer.write(events.buffer)
                if tools.store.time.uptime() - begunAt > Self.ageMax { return }
            }
        }
    }
}

/// Turns what happened into events for one client, each detection once.
struct NowTeller {
    private let tools: PageTools
    private let filter: DetectionFilter
    private let language: Language
    private let cards: NowCards
    private var progress: NowProgress
    /// What was told last, so that it is not told again.
    private var told: [String: String] = [:]

    init(tools: PageTools, filter: DetectionFilter, language: Language, pictureWidth: Int, place: NowPlace) {
        (self.tools, self.filter, self.language) = (tools, filter, language)
        progress = NowProgress(place: place)
        cards = NowCards(tools, language, pictureWidth: pictureWidth)
    }

    /// Detections in the order of receipt, then orders. The last one's id says that all of the change was told.
    mutating func events(of change: NowChange) -> [NowEvent] {
        var events: [NowEvent] = []
        for (detection, place) in progress.take(change) where filter.takes(detection) {
            let card = tools.web.fragment("now-card", cards.card(detection), language)
            events.append(NowEvent(name: "detection", id: place.text, data: card))
        }
        for order in change.orders where filter.takes(order) {
            let line = tools.web.fragment("now-order", cards.order(order), language)
            events.append(NowEvent(name: "order", data: line))
        }
        if !events.isEmpty { events.append(NowEvent(id: progress.place.text)) }
        return events
    }

    mutating func beat(_ beaten: NowPlace) -> [NowEvent] {
        progress.advance(to: beaten)
        return [NowEvent(name: "beat", id: progress.place.text, data: progress.place.text)]
    }

    /// Figures and alarms, where they are not what was told last.
    mutating func summary() async throws -> [NowEvent] {
        let summary = try await tools.now.summary(hiding: filter.hidden)
        let figures = tools.web.fragment("now-figures", cards.figures(summary), language)
        let alarms = tools.web.fragment("now-alarms", cards.alarms(summary), language)
        var events: [NowEvent] = []
        for (name, data) in [("figures", figures), ("alarms", alarms)] where told[name] != data {
            told[name] = data
            events.append(NowEvent(name: name, data: data))
        }
        return events
    }
}
