import UACodec

/// The part of the standard's address space that the server shows (Part 5 and Part 9; `scripts/opcua/nodes`).
enum Namespace0 {
    private static let rules: [UInt8: NodeId] = [
        UInt8(ascii: "<"): ReferenceType.hasComponent, UInt8(ascii: "."): ReferenceType.hasProperty,
        UInt8(ascii: "/"): ReferenceType.organizes, UInt8(ascii: "^"): ReferenceType.hasSubtype,
    ]

    static func load(into space: AddressSpace) {
        let lines = nodes.flatMap { $0.split(separator: "\n") }.compactMap(Line.init)
        for line in lines { try? space.insert(line.node) }
        for line in lines {
            guard let node = space[NodeId(line.number)] else { continue }
            for (mark, number) in line.marks { link(node, mark, number, space) }
            for (name, argument) in line.arguments { add(argument, named: name, to: node, space) }
        }
        for text in references.split(separator: "\n") {
            let numbers = text.split(separator: " ").compactMap { UInt32($0) }
            guard numbers.count == 3, let source = space[NodeId(numbers[0])], let target = space[NodeId(numbers[2])]
            else { continue }
            space.link(source, NodeId(numbers[1]), target)
        }
    }

    private static func link(_ node: Node, _ mark: UInt8, _ number: UInt32, _ space: AddressSpace) {
        guard let other = space[NodeId(number)] else { return }
        switch mark {
        case UInt8(ascii: "="): space.link(node, ReferenceType.hasTypeDefinition, other)
        case UInt8(ascii: "!"): space.link(node, ReferenceType.hasModellingRule, other)
        default: if let type = rules[mark] { space.link(other, type, node) }
        }
    }

    private static func add(_ arguments: Line.Arguments, named name: String, to method: Node, _ space: AddressSpace) {
        let property = Node(
            NodeId(arguments.number), QualifiedName(name), .variable(.arguments(arguments.list)))
        try? space.insert(property)
        space.link(method, ReferenceType.hasProperty, property)
        for (type, number) in [(ReferenceType.hasTypeDefinition, 68), (ReferenceType.hasModellingRule, 78)]
            as [(NodeId, UInt32)]
        {
            if let target = space[NodeId(number)] { space.link(property, type, target) }
        }
    }
}

extension Variable {
    /// The value of InputArguments or OutputArguments.
    static func arguments(_ list: [Argument]) -> Variable {
        Variable(
            dataType: NodeId(296), valueRank: 1, arrayDimensions: [UInt32(list.count)],
            value: DataValue(Variant(list.map { ExtensionObject($0) })))
    }
}

/// One node as `scripts/opcua/nodes` writes it down.
private struct Line {
    struct Arguments {
        var number: UInt32
        var list: [Argument]
    }

    var number: UInt32
    var node: Node
    var marks: [(mark: UInt8, number: UInt32)] = []
    var arguments: [(name: String, Arguments)] = []

    init?(_ text: Substring) {
        let words = text.split(separator: " ", maxSplits: 3)
        guard words.count >= 3, let number = UInt32(words[0]) else { return nil }
        let rest = Rest(words.count == 4 ? words[3] : "")
        self.number = number
        marks = rest.takeMarks()
        for (name, argument) in [("InputArguments", rest.inputs), ("OutputArguments", rest.outputs)] {
            if let argument { arguments.append((name, argument)) }
        }
        let name = String(words[2].map { $0 == "~" ? " " : $0 })
        node = Node(NodeId(number), QualifiedName(name), rest.content(of: words[1]))
    }

    /// What stands behind the name.
    private struct Rest {
        var isAbstract = false
        var isSymmetric = false
        var inverseName: String?
        var inputs: Arguments?
        var outputs: Arguments?
        var dataType: UInt32 = 24
        var valueRank: Int32 = -1
        var eventNotifier: UInt8 = 0
        private var marks: [(UInt8, UInt32)] = []

        init(_ text: Substring) {
            for word in text.split(separator: " ") { read(word) }
        }

        private mutating func read(_ word: Substring) {
            let body = word.dropFirst()
            switch word.first {
            case "#": dataType = UInt32(body) ?? dataType
            case "*": valueRank = Int32(body) ?? valueRank
            case "&": eventNotifier = UInt8(body) ?? 0
            case "(": inverseName = String(body.dropLast())
            case "[": inputs = Self.arguments(body.dropLast())
            case "{": outputs = Self.arguments(body.dropLast())
            case "a": isAbstract = true
            case "s": isSymmetric = true
            default: if let mark = word.utf8.first, let number = UInt32(body) { marks.append((mark, number)) }
            }
        }

        private static func arguments(_ text: Substring) -> Arguments? {
            let parts = text.split(separator: "|")
            guard parts.count == 2, let number = UInt32(parts[0]) else { return nil }
            let list = parts[1].split(separator: ",").map { item in
                let words = item.split(separator: ":")
                return Argument(
                    name: String(words[0]), dataType: NodeId(UInt32(words[1]) ?? 24),
                    valueRank: Int32(words[2]) ?? -1, arrayDimensions: words[2] == "1" ? [0] : [])
            }
            return Arguments(number: number, list: list)
        }

        func takeMarks() -> [(mark: UInt8, number: UInt32)] { marks.map { (mark: $0.0, number: $0.1) } }

        func content(of letter: Substring) -> Node.Content {
            switch letter {
            case "V":
                .variable(
                    Variable(
                        dataType: NodeId(dataType), valueRank: valueRank, arrayDimensions: valueRank == 1 ? [0] : []))
            case "M": .method(Method(inputs: inputs?.list ?? [], outputs: outputs?.list ?? [], handler: nil))
            case "o": .objectType(isAbstract: isAbstract)
            case "v": .variableType(isAbstract: isAbstract, dataType: NodeId(dataType), valueRank: valueRank)
            case "r":
                .referenceType(
                    isAbstract: isAbstract, symmetric: isSymmetric, inverseName: inverseName.map { LocalizedText($0) })
            case "d": .dataType(isAbstract: isAbstract, definition: nil)
            default: .object(eventNotifier: eventNotifier)
            }
        }
    }
}
