// Made by scripts/opcua/models from a nodeset of the OPC Foundation (MIT licence); change the script, not this
// file.

extension Model {
    /// Machine Vision, OPC 40100-1; nodeset 1.0.0 of 2019-07-11.
    public static let machineVision = Model(
        uri: "http://opcfoundation.org/UA/MachineVision",
        table: """
            enum TriStateBooleanDataType 3014
            enum SystemStateDataType 3023
            type ResultStateDataType 3009 6
            type TrimmedString 3017 12
            type Handle 3018 7
            optional RecipeIdExternalDataType 3002 5002: Id :3017; Version :3017?; Hash 15?
            + HashAlgorithm 12?; Description 21?
            optional ProductIdDataType 3003 5224: Id :3017; Description 21?
            optional PartIdDataType 3004 5013: Id :3017; Description 21?
            optional ProcessingTimesDataType 3005 5016: StartTime 294; EndTime 294; AcquisitionDuration 290?
            + ProcessingDuration 290?
            optional ResultDataType 3006 5018: ResultId :3021; HasTransferableDataOnFile 1?; IsPartial 1
            + IsSimulated 1?; ResultState :3009; MeasId :3015?; PartId :3004?; ExternalRecipeId :3002?
            + InternalRecipeId :3013; ProductId :3003?; ExternalConfigurationId :3008?
            + InternalConfigurationId :3008; JobId :3016; CreationTime 294; ProcessingTimes :3005?
            + ResultContent 24[]?
            optional ConfigurationDataType 3007 5088: HasTransferableDataOnFile 1?; ExternalId :3008?
            + InternalId :3008; LastModified 294
            optional ConfigurationIdDataType 3008 5090: Id :3017; Version :3017?; Hash 15?
            + HashAlgorithm 12?; Description 21?
            plain ConfigurationTransferOptions 3011 5246: InternalId :3008
            plain RecipeTransferOptions 3012 5248: InternalId :3013
            optional RecipeIdInternalDataType 3013 5268: Id :3017; Version :3017?; Hash 15?
            + HashAlgorithm 12?; Description 21?
            optional MeasIdDataType 3015 5006: Id :3017; Description 21?
            plain JobIdDataType 3016 5008: Id :3017
            plain ProductDataType 3020 5272: ExternalId :3003
            plain ResultIdDataType 3021 5274: Id :3017
            plain ResultTransferOptions 3022 5276: Id :3021
            optional SystemStateDescriptionDataType 3024 5278: State :3023; StateDescription :3017?
            """)
}
