import AndonConfiguration
import AndonConnectors
import AndonModel

/// The plant's own files, and descriptions of other systems.
extension FuzzTarget {
    static let files = [configuration, assetList, openAPI, oDataMetadata]

    private static let secrets = SecretSource(environment: { _ in "test-key" }, file: { _ in nil })

    /// A configuration is in force or refused with every fault; a connector's options are read as well.
    private static let configuration = FuzzTarget(
        "configuration", shortCount: 150,
        seeds: {
            try [Samples.file("Examples/andon.yaml"), Samples.file("Examples/maximo.yaml")]
                + Samples.connectors().map { Array("plant: { name: P }\n\($0.text)".utf8) }
        },
        check: { input in
            guard let yaml = String(validating: input, as: UTF8.self) else { return }
            do throws(ConfigurationError) {
                _ = try Configuration.load(
                    yaml: yaml, secrets: secrets, files: { $0 == "candidate.yaml" ? "rules: {}" : "id\nX-1\n" },
                    check: { entry, reader in
                        _ = ConnectorType.all.first { $0.name == entry.type }?.make(reader)
                    })
            } catch {
                try promise(!"\(error)".isEmpty, "a refusal without words")
            }
        })

    private static let assetList = FuzzTarget(
        "asset-list", shortCount: 500,
        seeds: {
            [
                "id,name,type,criticality,line\nPRESS-07,\"Press, \"\"7\"\"\",press,A,LINE-1\r\nX-1,,,B,\n",
                "\u{FEFF}id,parent,grid\nA,,C4\nB,A,\n",
            ].asBytes
        },
        check: { input in
            guard let text = String(validating: input, as: UTF8.self) else { return }
            _ = try? Configuration.load(
                yaml: "plant: { name: P, assetsFile: assets.csv }\n", secrets: secrets, files: { _ in text })
        })

    /// A mapping is drafted from what another system says of itself.
    private static let openAPI = FuzzTarget(
        "openapi", shortCount: 500,
        seeds: {
            [
                #"""
                {"openapi":"3.0.1","info":{"title":"CMMS"},"paths":{"/workorders":{
                "get":{"parameters":[{"name":"q","in":"query","schema":{"type":"string"}}],"responses":{"200":{"content":
                {"application/json":{"schema":{"type":"array","items":{"$ref":"#/components/schemas/W"}}}}}}},
                "post":{"requestBody":{"content":{"application/json":{"schema":{"allOf":[{"$ref":
                "#/components/schemas/W"}]}}}}}},"/workorders/{id}":{"get":{"responses":{}},"patch":{}}},
                "components":{"schemas":{"W":{"type":"object","properties":{"id":{"type":"integer"},
                "title":{"type":"string","maxLength":60},"priority":{"type":"string","enum":["HIGH","LOW"]},
                "parent":{"$ref":"#/components/schemas/W"}}}},
                "securitySchemes":{"k":{"type":"apiKey","in":"header","name":"X"}}}}
                """#
            ].asBytes
        },
        check: { input in
            guard let json = try? JSON(parsing: input), let system = try? SystemDescription(openAPI: json) else {
                return
            }
            _ = try? MappingDraft.text(for: system)
        })

    private static let oDataMetadata = FuzzTarget(
        "odata-metadata", shortCount: 500,
        seeds: {
            [
                #"""
                <?xml version="1.0" encoding="utf-8"?><edmx:Edmx Version="4.0" xmlns:edmx="e"><edmx:DataServices>
                <Schema Namespace="N" xmlns="s"><EntityType Name="W"><Key><PropertyRef Name="Id"/></Key>
                <Property Name="Id" Type="Edm.String" MaxLength="10" Nullable="false"/>
                <Property Name="Title" Type="Edm.String"/></EntityType><EntityContainer Name="C">
                <EntitySet Name="Ws" EntityType="N.W"/></EntityContainer></Schema><!-- c --><![CDATA[x]]>
                </edmx:DataServices></edmx:Edmx>
                """#
            ].asBytes
        },
        check: { input in
            guard let system = try? SystemDescription(oDataMetadata: input) else { return }
            _ = try? MappingDraft.text(for: system)
        })
}
