// Made by scripts/opcua/models from a nodeset of the OPC Foundation (MIT licence); change the script, not this
// file.

extension Model {
    /// Machinery Result Transfer, OPC 40001-101; nodeset 1.00.0 of 2023-01-01.
    public static let machineryResult = Model(
        uri: "http://opcfoundation.org/UA/Machinery/Result/",
        table: """
            enum ResultEvaluationEnum 3002
            plain ResultTransferOptionsDataType 3004 5001: ResultId 31918
            optional ProcessingTimesDataType 3006 5003: StartTime 294; EndTime 294; AcquisitionDuration 290?
            + ProcessingDuration 290?
            optional ResultMetaDataType 3007 5005: ResultId 31918; HasTransferableDataOnFile 1?
            + IsPartial 1?; IsSimulated 1?; ResultState 6?; StepId 31918?; PartId 31918?
            + ExternalRecipeId 31918?; InternalRecipeId 31918?; ProductId 31918?
            + ExternalConfigurationId 31918?; InternalConfigurationId 31918?; JobId 31918?
            + CreationTime 294?; ProcessingTimes :3006?; ResultUri 23751[]?; ResultEvaluation :3002?
            + ResultEvaluationCode 8?; ResultEvaluationDetails 21?; FileFormat 12[]?
            subtyped ResultDataType 3008 5008: ResultMetaData :3007?; ResultContent 24[]
            """)
}
