extension MappingDefaults {
    /// What a form's fields are called, so that a mapping need not say it.
    static func of(_ form: OPCUASettings.Form.Name) -> MappingDefaults {
        let content = [FieldDecoding(place: "/ResultContent", form: .json)]
        return switch form {
        case .machineVision:
            MappingDefaults(
                detectedAt: "/CreationTime", unit: "/PartId/Id", decode: content,
                attributes: [
                    "recipe": "/InternalRecipeId/Id", "job": "/JobId/Id", "product": "/ProductId/Id",
                    "result": "/ResultId/Id",
                ])
        case .machineryResult:
            // ResultEvaluationEnum: 1 is OK.
            MappingDefaults(
                detectedAt: "/CreationTime", unit: "/PartId", decode: content, good: ("/ResultEvaluation", ["1"]),
                attributes: [
                    "recipe": "/InternalRecipeId", "job": "/JobId", "product": "/ProductId", "result": "/ResultId",
                ])
        case .event: MappingDefaults(detectedAt: "/Time")
        case .variables: MappingDefaults(detectedAt: "/sourceTimestamp")
        }
    }
}
