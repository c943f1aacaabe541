// Made by scripts/opcua/models from a nodeset of the OPC Foundation (MIT licence); change the script, not this
// file.

extension Model {
    /// Structures of namespace 0 that the other models and servers' methods use; nodeset 1.05.03 of 2023-12-15.
    public static let standard = Model(
        uri: "http://opcfoundation.org/UA/",
        table: """
            plain Argument 296 298: Name 12; DataType 17; ValueRank 6; ArrayDimensions 7[]; Description 21
            plain RelativePathElement 537 539: ReferenceTypeId 17; IsInverse 1; IncludeSubtypes 1
            + TargetName 20
            plain RelativePath 540 542: Elements 537[]
            plain Range 884 886: Low 11; High 11
            plain EUInformation 887 889: NamespaceUri 12; UnitId 6; DisplayName 21; Description 21
            """)
}
