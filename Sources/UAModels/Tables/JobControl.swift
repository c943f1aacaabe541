// Made by scripts/opcua/models from a nodeset of the OPC Foundation (MIT licence); change the script, not this
// file.

extension Model {
    /// ISA-95 Job Control, OPC 10031-4 version 2.00; nodeset 2.0.0 of 2024-01-31.
    public static let jobControl = Model(
        uri: "http://opcfoundation.org/UA/ISA95-JOBCONTROL_V2/",
        table: """
            optional ISA95PropertyDataType 3002 5002: ID 12; Value 24; Description 21[]?
            + EngineeringUnits 887?; Subproperties :3002[]?
            optional ISA95ParameterDataType 3003 5005: ID 12; Value 24; Description 21[]?
            + EngineeringUnits 887?; Subparameters :3003[]?
            optional ISA95EquipmentDataType 3005 5008: ID 12; Description 21[]?; EquipmentUse 12?
            + Quantity 12878?; EngineeringUnits 887?; Properties :3002[]?
            plain ISA95StateDataType 3006 5029: BrowsePath 540; StateText 21; StateNumber 7
            optional ISA95WorkMasterDataType 3007 5011: ID 12; Description 21?; Parameters :3003[]?
            optional ISA95JobOrderDataType 3008 5014: JobOrderID 12; Description 21[]?
            + WorkMasterID :3007[]?; StartTime 13?; EndTime 13?; Priority 4?; JobOrderParameters :3003[]?
            + PersonnelRequirements :3011[]?; EquipmentRequirements :3005[]?
            + PhysicalAssetRequirements :3012[]?; MaterialRequirements :3010[]?
            optional ISA95MaterialDataType 3010 5017: MaterialClassID 12?; MaterialDefinitionID 12?
            + MaterialLotID 12?; MaterialSublotID 12?; Description 21[]?; MaterialUse 12?; Quantity 12878?
            + EngineeringUnits 887?; Properties :3002[]?
            optional ISA95PersonnelDataType 3011 5020: ID 12; Description 21[]?; PersonnelUse 12?
            + Quantity 12878?; EngineeringUnits 887?; Properties :3002[]?
            optional ISA95PhysicalAssetDataType 3012 5023: ID 12; Description 21[]?; PhysicalAssetUse 12?
            + Quantity 12878?; EngineeringUnits 887?; Properties :3002[]?
            optional ISA95JobResponseDataType 3013 5026: JobResponseID 12; Description 21?; JobOrderID 12
            + StartTime 13?; EndTime 13?; JobState :3006[]; JobResponseData :3003[]?
            + PersonnelActuals :3011[]?; EquipmentActuals :3005[]?; PhysicalAssetActuals :3012[]?
            + MaterialActuals :3010[]?
            plain ISA95JobOrderAndStateDataType 3015 5032: JobOrder :3008; State :3006[]
            """)
}
