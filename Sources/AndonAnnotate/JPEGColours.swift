import CPixels

/// The colours of an overlay as the components of a JPEG file hold them (JFIF 1.02; Adobe technical note 5116): a
/// component's sample is a weighted sum of red, green and blue, all 0...255, plus `constant`.
struct ComponentColour {
    var red: Float
    var green: Float
    var blue: Float
    var constant: Float

    /// Of an opaque pixel, 0xAARRGGBB.
    func sample(of pixel: UInt32) -> Float {
        red * Float(pixel >> 16 & 0xFF) + green * Float(pixel >> 8 & 0xFF) + blue * Float(pixel & 0xFF) + constant
    }

    /// - Returns: one for each component; nil for colours that nothing is known of.
    static func all(of info: andon_jpeg_info) -> [ComponentColour]? {
        let luma = ComponentColour(red: 0.299, green: 0.587, blue: 0.114, constant: 0)
        let blueness = ComponentColour(red: -0.168_735_9, green: -0.331_264_1, blue: 0.5, constant: 128)
        let redness = ComponentColour(red: 0.5, green: -0.418_687_6, blue: -0.081_312_4, constant: 128)
        let primaries = [
            ComponentColour(red: 1, green: 0, blue: 0, constant: 0),
            ComponentColour(red: 0, green: 1, blue: 0, constant: 0),
            ComponentColour(red: 0, green: 0, blue: 1, constant: 0),
        ]
        // Adobe stores four colours inverted: 255 is no ink.
        let noInk = ComponentColour(red: 0, green: 0, blue: 0, constant: info.has_adobe != 0 ? 255 : 0)
        switch info.colour {
        case ANDON_JPEG_GREY: return [luma]
        case ANDON_JPEG_YCC: return [luma, blueness, redness]
        case ANDON_JPEG_RGB: return primaries
        case ANDON_JPEG_CMYK: return (info.has_adobe != 0 ? primaries : primaries.map(\.inverted)) + [noInk]
        // The three hold what is left of 255 by the cyan, magenta and yellow beside them.
        case ANDON_JPEG_YCCK:
            let three = [luma, blueness, redness]
            return (info.has_adobe != 0 ? three.map(\.ofInverted) : three) + [noInk]
        default: return nil
        }
    }

    /// 255 less the sample.
    private var inverted: ComponentColour {
        ComponentColour(red: -red, green: -green, blue: -blue, constant: 255 - constant)
    }

    /// Of colours that are 255 less red, green and blue.
    private var ofInverted: ComponentColour {
        ComponentColour(red: -red, green: -green, blue: -blue, constant: constant + 255 * (red + green + blue))
    }
}
