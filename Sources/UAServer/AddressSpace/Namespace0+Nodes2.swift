// Made by scripts/opcua/nodes from Opc.Ua.NodeSet2.xml (https://github.com/OPCFoundation/UA-Nodeset, MIT licence,
// Copyright (c) 2005-2024 The OPC Foundation, Inc.); change the script, not this file.

extension Namespace0 {
    static let nodes2 = """
        11166 o SystemConditionClassType ^11163 abstract
        11172 O AggregateFunctions <2330 =61 !78
        11192 O HistoryServerCapabilities <2268 =2330
        11193 V AccessHistoryDataCapability .11192 =68 #1
        11196 V InsertDataCapability .11192 =68 #1
        11197 V ReplaceDataCapability .11192 =68 #1
        11198 V UpdateDataCapability .11192 =68 #1
        11199 V DeleteRawCapability .11192 =68 #1
        11200 V DeleteAtTimeCapability .11192 =68 #1
        11238 v MultiStateValueDiscreteType ^2372 #26 *-2
        11241 V EnumValues .11238 =68 !78 #7594 *1
        11242 V AccessHistoryEventsCapability .11192 =68 #1
        11268 V MaxReturnDataValues .2330 =68 !78 #7
        11269 V MaxReturnEventValues .2330 =68 !78 #7
        11270 V InsertAnnotationCapability .2330 =68 !78 #1
        11273 V MaxReturnDataValues .11192 =68 #7
        11274 V MaxReturnEventValues .11192 =68 #7
        11275 V InsertAnnotationCapability .11192 =68 #1
        11278 V InsertEventCapability .2330 =68 !78 #1
        11279 V ReplaceEventCapability .2330 =68 !78 #1
        11280 V UpdateEventCapability .2330 =68 !78 #1
        11281 V InsertEventCapability .11192 =68 #1
        11282 V ReplaceEventCapability .11192 =68 #1
        11283 V UpdateEventCapability .11192 =68 #1
        11436 o ProgressEventType ^2041 abstract
        11461 V ValueAsText .11238 =68 !78 #21
        11492 M GetMonitoredItems <2253 [11493|SubscriptionId:7:-1] {11494|ServerHandles:7:1,ClientHandles:7:1}
        11501 V DeleteEventCapability .2330 =68 !78 #1
        11502 V DeleteEventCapability .11192 =68 #1
        11508 O OptionalPlaceholder =77
        11510 O MandatoryPlaceholder =77
        11564 o OperationLimitsType ^61
        11575 o FileType ^58
        11576 V Size .11575 =68 !78 #9
        11579 V OpenCount .11575 =68 !78 #5
        11580 M Open <11575 !78 [11581|Mode:3:-1] {11582|FileHandle:7:-1}
        11583 M Close <11575 !78 [11584|FileHandle:7:-1]
        11585 M Read <11575 !78 [11586|FileHandle:7:-1,Length:6:-1] {11587|Data:15:-1}
        11588 M Write <11575 !78 [11589|FileHandle:7:-1,Data:15:-1]
        11590 M GetPosition <11575 !78 [11591|FileHandle:7:-1] {11592|Position:9:-1}
        11593 M SetPosition <11575 !78 [11594|FileHandle:7:-1,Position:9:-1]
        11702 V MaxArrayLength .2268 =68 #7
        11703 V MaxStringLength .2268 =68 #7
        11704 O OperationLimits <2268 =11564
        11705 V MaxNodesPerRead .11704 =68 #7
        11707 V MaxNodesPerWrite .11704 =68 #7
        11709 V MaxNodesPerMethodCall .11704 =68 #7
        11710 V MaxNodesPerBrowse .11704 =68 #7
        11711 V MaxNodesPerRegisterNodes .11704 =68 #7
        11712 V MaxNodesPerTranslateBrowsePathsToNodeIds .11704 =68 #7
        11714 V MaxMonitoredItemsPerCall .11704 =68 #7
        11939 d OpenFileMode ^29
        12165 V MaxNodesPerHistoryReadData .11704 =68 #7
        12502 V Context .11436 =68 !78 #24
        12503 V Progress .11436 =68 !78 #5
        12686 V Writable .11575 =68 !78 #1
        12687 V UserWritable .11575 =68 !78 #1
        12755 d OptionSet ^22 abstract
        12873 M ResendData <2253 [12874|SubscriptionId:7:-1]
        12877 d NormalizedString ^12
        12878 d DecimalString ^12
        12879 d DurationString ^12
        12880 d TimeString ^12
        12881 d DateString ^12
        12890 d DiscoveryConfiguration ^22
        12911 V MaxByteStringLength .2268 =68 #7
        12912 M ConditionRefresh2 <2782 [12913|SubscriptionId:288:-1,MonitoredItemId:288:-1]
        14476 r HasPubSubConnection ^47 (PubSubConnectionOf)
        14936 r DataSetToWriter ^33 (WriterToDataSet)
        15003 V UrisVersion .2004 =68 !80 #20998
        15031 d AccessLevelType ^3
        15112 r HasGuard ^47 (GuardOf)
        15296 r HasDataSetWriter ^47 (IsWriterInGroup)
        15297 r HasDataSetReader ^47 (IsReaderInGroup)
        15318 v BaseAnalogType ^2365 #26 *-2
        16361 r HasAlarmSuppressionGroup ^47 (IsAlarmSuppressionGroupOf)
        16362 r AlarmGroupMember ^35 (MemberOfAlarmGroup)
        16363 V ConditionSubClassId .2782 =68 !78 #17 *1
        16364 V ConditionSubClassName .2782 =68 !78 #21 *1
        17276 r HasEffectDisable ^54 (MayBeDisabledBy)
        17497 v AnalogUnitType ^15318 #26 *-2
        17502 V EngineeringUnits .17497 =68 !78 #887
        17570 v AnalogUnitRangeType ^2368 #26 *-2
        17575 V EngineeringUnits .17570 =68 !78 #887
        17588 d Index ^7
        17597 r HasDictionaryEntry ^32 (DictionaryEntryOf)
        17603 r HasInterface ^32 (InterfaceOf)
        17604 r HasAddIn ^47 (AddInOf)
        17983 r HasEffectEnable ^54 (MayBeEnabledBy)
        17984 r HasEffectSuppressed ^54 (MayBeSuppressedBy)
        17985 r HasEffectUnsuppressed ^54 (MayBeUnsuppressedBy)
        18804 r HasWriterGroup ^47 (IsWriterGroupOf)
        18805 r HasReaderGroup ^47 (IsReaderGroupOf)
        18806 d RationalNumber ^22
        20998 d VersionTime ^7
        23469 r AliasFor ^32 (HasAlias)
        23562 r IsDeprecated ^32 (Deprecates)
        23751 d UriString ^12
        24095 V MaxSessions .2268 =68 #7
        24096 V MaxSubscriptions .2268 =68 #7
        24097 V MaxMonitoredItems .2268 =68 #7
        24098 V MaxSubscriptionsPerSession .2268 =68 #7
        24099 V MaxSelectClauseParameters .2268 =68 #7
        24136 r HasStructuredComponent ^47 (IsStructuredComponentOf)
        24137 r AssociatedWith ^32 symmetric
        24263 d SemanticVersionString ^12
        25237 r UsesPriorityMappingTable ^32 (UsedByNetworkInterface)
        25238 r HasLowerLayerInterface ^33 (HasHigherLayerInterface)
        25253 r IsExecutableOn ^32 (CanExecute)
        25254 r Controls ^33 (IsControlledBy)
        25255 r Utilizes ^32 (IsUtilizedBy)
        25256 r Requires ^33 (IsRequiredBy)
        25257 r IsPhysicallyConnectedTo ^32 symmetric
        25258 r RepresentsSameEntityAs ^32 symmetric
        25259 r RepresentsSameHardwareAs ^25258 symmetric
        25260 r RepresentsSameFunctionalityAs ^25258 symmetric
        25261 r IsHostedBy ^25255 (Hosts)
        25262 r HasPhysicalComponent ^47 (PhysicalComponentOf)
        25263 r HasContainedComponent ^25262 (ContainedComponentOf)
        25264 r HasAttachedComponent ^25262 (AttachedComponentOf)
        25265 r IsExecutingOn ^25255 (Executes)
        25345 r HasPushedSecurityGroup ^33 (HasPushTarget)
        31917 d Handle ^7
        31918 d TrimmedString ^12
        32059 r AlarmSuppressionGroupMember ^16362 (MemberOfAlarmSuppressionGroup)
        32407 r HasKeyValueDescription ^32 (KeyValueDescriptionOf)
        32558 r HasEngineeringUnitDetails ^32 (EngineeringUnitDetailsOf)
        32559 r HasQuantity ^32 (QuantityOf)
        32633 r HasCurrentData ^32 (HasHistoricalData)
        32634 r HasCurrentEvent ^32 (HasHistoricalEvent)
        32679 r HasReferenceDescription ^34 (ReferenceDescriptionOf)
        """
}
