import AndonModel

/// What a report from outside may cost. Every limit has a name, and its value is in the refusal.
public struct IntakeLimits: Sendable {
    /// Unicode scalars of an inspection's `id`; also of a batch's.
    public var idCharactersMax: Int
    /// Unicode scalars of every other name: camera, zone, asset, lot, unit, class, model, measurement.
    public var nameCharactersMax: Int
    /// Unicode scalars of `picture.file`.
    public var fileCharactersMax: Int
    public var defectsMax: Int
    /// Points of all polygons of one defect, and of the outline that is made of a mask.
    public var polygonPointsMax: Int
    /// Polygons of one defect, and rings of the outline that is made of a mask.
    public var ringsMax: Int
    /// Column pieces of all masks of one report: a covered run that goes over n columns has n of them.
    public var maskRunsMax: Int
    /// Canonical bytes of one `attributes` object.
    public var attributesBytesMax: Int
    /// Pixels; no coordinate and no side of a picture is beyond it.
    public var coordinateMax: Double
    /// Pixels that a box may reach over the picture's edge through rounding; such a box is cut to the edge.
    public var edgeSlackPixels: Double
    /// Parts that one report or one count may stand for.
    public var inspectedMax: Int
    /// Items of one batch of frame counts.
    public var framesMax: Int
    /// Faults listed in one refusal; the rest is counted.
    public var faultsMax: Int
    /// Size and shape of the JSON text itself.
    public var json: JSONLimits
    /// Header bytes of one part of a multipart body.
    public var partHeaderBytesMax: Int
    public var partsMax: Int
    /// Bytes before the first boundary of a multipart body, and after the last.
    public var preambleBytesMax: Int
    /// Pixels of a picture that will still be decoded; a bigger one is kept as received. A mask has no more of them either.
    public var picturePixelsMax: Int

    public init(
        idCharactersMax: Int = 128, nameCharactersMax: Int = 200, fileCharactersMax: Int = 1024,
        defectsMax: Int = 1000, polygonPointsMax: Int = 1000, ringsMax: Int = 100, maskRunsMax: Int = 200_000,
        attributesBytesMax: Int = 64 << 10,
        coordinateMax: Double = 1e6, edgeSlackPixels: Double = 0.01, inspectedMax: Int = 1_000_000_000,
        framesMax: Int = 10_000, faultsMax: Int = 100,
        json: JSONLimits = JSONLimits(bytesMax: 2 << 20, valuesMax: 200_000),
        partHeaderBytesMax: Int = 8 << 10, partsMax: Int = 16, preambleBytesMax: Int = 8 << 10,
        picturePixelsMax: Int = 100_000_000
    ) {
        self.idCharactersMax = idCharactersMax
        self.nameCharactersMax = nameCharactersMax
        self.fileCharactersMax = fileCharactersMax
        self.defectsMax = defectsMax
        self.polygonPointsMax = polygonPointsMax
        self.ringsMax = ringsMax
        self.maskRunsMax = maskRunsMax
        self.attributesBytesMax = attributesBytesMax
        self.coordinateMax = coordinateMax
        self.edgeSlackPixels = edgeSlackPixels
        self.inspectedMax = inspectedMax
        self.framesMax = framesMax
        self.faultsMax = faultsMax
        self.json = json
        self.partHeaderBytesMax = partHeaderBytesMax
        self.partsMax = partsMax
        self.preambleBytesMax = preambleBytesMax
        self.picturePixelsMax = picturePixelsMax
    }
}

/// Width and height of a picture in pixels.
public struct PixelSize: Hashable, Sendable {
    public var width: Int
    public var height: Int

    public init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }
}
