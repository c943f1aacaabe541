// Made by scripts/opcua/nodes from Opc.Ua.NodeSet2.xml (https://github.com/OPCFoundation/UA-Nodeset, MIT licence,
// Copyright (c) 2005-2024 The OPC Foundation, Inc.); change the script, not this file.

extension Namespace0 {
    static let nodes1 = """
        1 d Boolean ^24
        2 d SByte ^27
        3 d Byte ^28
        4 d Int16 ^27
        5 d UInt16 ^28
        6 d Int32 ^27
        7 d UInt32 ^28
        8 d Int64 ^27
        9 d UInt64 ^28
        10 d Float ^26
        11 d Double ^26
        12 d String ^24
        13 d DateTime ^24
        14 d Guid ^24
        15 d ByteString ^24
        16 d XmlElement ^24
        17 d NodeId ^24
        18 d ExpandedNodeId ^24
        19 d StatusCode ^24
        20 d QualifiedName ^24
        21 d LocalizedText ^24
        22 d Structure ^24 abstract
        23 d DataValue ^24
        24 d BaseDataType /90 abstract
        25 d DiagnosticInfo ^24
        26 d Number ^24 abstract
        27 d Integer ^26 abstract
        28 d UInteger ^26 abstract
        29 d Enumeration ^24 abstract
        30 d Image ^15 abstract
        31 r References /91 abstract symmetric
        32 r NonHierarchicalReferences ^31 abstract symmetric
        33 r HierarchicalReferences ^31 abstract (InverseHierarchicalReferences)
        34 r HasChild ^33 abstract (ChildOf)
        35 r Organizes ^33 (OrganizedBy)
        36 r HasEventSource ^33 (EventSourceOf)
        37 r HasModellingRule ^32 (ModellingRuleOf)
        38 r HasEncoding ^32 (EncodingOf)
        39 r HasDescription ^32 (DescriptionOf)
        40 r HasTypeDefinition ^32 (TypeDefinitionOf)
        41 r GeneratesEvent ^32 (GeneratedBy)
        44 r Aggregates ^34 abstract (AggregatedBy)
        45 r HasSubtype ^34 (SubtypeOf)
        46 r HasProperty ^44 (PropertyOf)
        47 r HasComponent ^44 (ComponentOf)
        48 r HasNotifier ^36 (NotifierOf)
        49 r HasOrderedComponent ^47 (OrderedComponentOf)
        50 d Decimal ^26
        51 r FromState ^32 (ToTransition)
        52 r ToState ^32 (FromTransition)
        53 r HasCause ^32 (MayBeCausedBy)
        54 r HasEffect ^32 (MayBeEffectedBy)
        56 r HasHistoricalConfiguration ^44 (HistoricalConfigurationOf)
        58 o BaseObjectType /88
        61 o FolderType ^58
        62 v BaseVariableType /89 #24 *-2 abstract
        63 v BaseDataVariableType ^62 #24 *-2
        68 v PropertyType ^62 #24 *-2
        75 o DataTypeSystemType ^58
        76 o DataTypeEncodingType ^58
        77 o ModellingRuleType ^58
        78 O Mandatory =77
        80 O Optional =77
        83 O ExposesItsArray =77
        84 O Root =61
        85 O Objects /84 =61
        86 O Types /84 =61
        87 O Views /84 =61
        88 O ObjectTypes /86 =61
        89 O VariableTypes /86 =61
        90 O DataTypes /86 =61
        91 O ReferenceTypes /86 =61
        92 O XML~Schema /90 =75
        94 d PermissionType ^7
        95 d AccessRestrictionType ^5
        96 d RolePermissionType ^22
        97 d DataTypeDefinition ^22 abstract
        98 d StructureType ^29
        99 d StructureDefinition ^97
        100 d EnumDefinition ^97
        101 d StructureField ^22
        102 d EnumField ^7594
        117 r HasSubStateMachine ^32 (SubStateMachineOf)
        120 d NamingRuleType ^29
        129 r HasArgumentDescription ^47 (ArgumentDescriptionOf)
        131 r HasOptionalInputArgumentDescription ^129 (OptionalInputArgumentDescriptionOf)
        256 d IdType ^29
        257 d NodeClass ^29
        288 d IntegerId ^7
        289 d Counter ^7
        290 d Duration ^11
        291 d NumericRange ^12
        294 d UtcTime ^13
        295 d LocaleId ^12
        296 d Argument ^22
        299 d StatusResult ^22
        302 d MessageSecurityMode ^29
        303 d UserTokenType ^29
        304 d UserTokenPolicy ^22
        307 d ApplicationType ^29
        308 d ApplicationDescription ^22
        311 d ApplicationInstanceCertificate ^15
        312 d EndpointDescription ^22
        315 d SecurityTokenRequestType ^29
        316 d UserIdentityToken ^22 abstract
        319 d AnonymousIdentityToken ^316
        322 d UserNameIdentityToken ^316
        325 d X509IdentityToken ^316
        331 d EndpointConfiguration ^22
        338 d BuildInfo ^22
        344 d SignedSoftwareCertificate ^22
        347 d AttributeWriteMask ^7
        348 d NodeAttributesMask ^29
        376 d AddNodesItem ^22
        379 d AddReferencesItem ^22
        382 d DeleteNodesItem ^22
        385 d DeleteReferencesItem ^22
        388 d SessionAuthenticationToken ^17
        432 d RegisteredServer ^22
        521 d ContinuationPoint ^15
        537 d RelativePathElement ^22
        540 d RelativePath ^22
        576 d FilterOperator ^29
        583 d ContentFilterElement ^22
        586 d ContentFilter ^22
        589 d FilterOperand ^22 abstract
        592 d ElementOperand ^589
        595 d LiteralOperand ^589
        598 d AttributeOperand ^589
        601 d SimpleAttributeOperand ^589
        659 d HistoryEvent ^22
        719 d MonitoringFilter ^22
        725 d EventFilter ^719
        851 d RedundancySupport ^29
        852 d ServerState ^29
        853 d RedundantServerDataType ^22
        856 d SamplingIntervalDiagnosticsDataType ^22
        859 d ServerDiagnosticsSummaryDataType ^22
        862 d ServerStatusDataType ^22
        865 d SessionDiagnosticsDataType ^22
        868 d SessionSecurityDiagnosticsDataType ^22
        871 d ServiceCounterDataType ^22
        874 d SubscriptionDiagnosticsDataType ^22
        877 d ModelChangeStructureDataType ^22
        884 d Range ^22
        887 d EUInformation ^22
        890 d ExceptionDeviationFormat ^29
        891 d Annotation ^22
        894 d ProgramDiagnosticDataType ^22
        897 d SemanticChangeStructureDataType ^22
        920 d HistoryEventFieldList ^22
        938 d IssuedIdentityToken ^316
        948 d AggregateConfiguration ^22
        2004 o ServerType ^58
        2005 V ServerArray .2004 =68 !78 #12 *1
        2006 V NamespaceArray .2004 =68 !78 #12 *1
        2007 V ServerStatus <2004 =2138 !78 #862
        2008 V ServiceLevel .2004 =68 !78 #3
        2009 O ServerCapabilities <2004 =2013 !78
        2010 O ServerDiagnostics <2004 =2020 !78
        2011 O VendorServerInfo <2004 =2033 !78
        2012 O ServerRedundancy <2004 =2034 !78
        2013 o ServerCapabilitiesType ^58
        2014 V ServerProfileArray .2013 =68 !78 #12 *1
        2016 V LocaleIdArray .2013 =68 !78 #295 *1
        2017 V MinSupportedSampleRate .2013 =68 !78 #290
        2019 O ModellingRules <2013 =61 !78
        2020 o ServerDiagnosticsType ^58
        2021 V ServerDiagnosticsSummary <2020 =2150 !78 #859
        2023 V SubscriptionDiagnosticsArray <2020 =2171 !78 #874 *1
        2025 V EnabledFlag .2020 =68 !78 #1
        2026 o SessionsDiagnosticsSummaryType ^58
        2033 o VendorServerInfoType ^58
        2034 o ServerRedundancyType ^58
        2035 V RedundancySupport .2034 =68 !78 #851
        2041 o BaseEventType ^58 /3048 abstract
        2042 V EventId .2041 =68 !78 #15
        2043 V EventType .2041 =68 !78 #17
        2044 V SourceNode .2041 =68 !78 #17
        2045 V SourceName .2041 =68 !78 #12
        2046 V Time .2041 =68 !78 #294
        2047 V ReceiveTime .2041 =68 !78 #294
        2050 V Message .2041 =68 !78 #21
        2051 V Severity .2041 =68 !78 #5
        2130 o SystemEventType ^2041 abstract
        2132 o BaseModelChangeEventType ^2041 abstract
        2137 v ServerVendorCapabilityType ^63 #24 abstract
        2138 v ServerStatusType ^63 #862
        2150 v ServerDiagnosticsSummaryType ^63 #859
        2171 v SubscriptionDiagnosticsArrayType ^63 #874 *1
        2196 v SessionDiagnosticsArrayType ^63 #865 *1
        2243 v SessionSecurityDiagnosticsArrayType ^63 #868 *1
        2253 O Server /85 =2004 &1
        2254 V ServerArray .2253 =68 #12 *1
        2255 V NamespaceArray .2253 =68 #12 *1
        2256 V ServerStatus <2253 =2138 #862
        2257 V StartTime <2256 =63 #294
        2258 V CurrentTime <2256 =63 #294
        2259 V State <2256 =63 #852
        2260 V BuildInfo <2256 =3051 #338
        2261 V ProductName <2260 =63 #12
        2262 V ProductUri <2260 =63 #12
        2263 V ManufacturerName <2260 =63 #12
        2264 V SoftwareVersion <2260 =63 #12
        2265 V BuildNumber <2260 =63 #12
        2266 V BuildDate <2260 =63 #294
        2267 V ServiceLevel .2253 =68 #3
        2268 O ServerCapabilities <2253 =2013
        2269 V ServerProfileArray .2268 =68 #12 *1
        2271 V LocaleIdArray .2268 =68 #295 *1
        2272 V MinSupportedSampleRate .2268 =68 #290
        2274 O ServerDiagnostics <2253 =2020
        2294 V EnabledFlag .2274 =68 #1
        2295 O VendorServerInfo <2253 =2033
        2296 O ServerRedundancy <2253 =2034
        2299 o StateMachineType ^58
        2307 o StateType ^58
        2308 V StateNumber .2307 =68 !78 #7
        2310 o TransitionType ^58
        2312 V TransitionNumber .2310 =68 !78 #7
        2330 o HistoryServerCapabilitiesType ^58
        2331 V AccessHistoryDataCapability .2330 =68 !78 #1
        2332 V AccessHistoryEventsCapability .2330 =68 !78 #1
        2334 V InsertDataCapability .2330 =68 !78 #1
        2335 V ReplaceDataCapability .2330 =68 !78 #1
        2336 V UpdateDataCapability .2330 =68 !78 #1
        2337 V DeleteRawCapability .2330 =68 !78 #1
        2338 V DeleteAtTimeCapability .2330 =68 !78 #1
        2365 v DataItemType ^63 #24 *-2
        2368 v AnalogItemType ^15318 #26 *-2
        2369 V EURange .2368 =68 !78 #884
        2372 v DiscreteItemType ^2365 #24 *-2 abstract
        2373 v TwoStateDiscreteType ^2372 #1 *-2
        2374 V FalseState .2373 =68 !78 #21
        2375 V TrueState .2373 =68 !78 #21
        2376 v MultiStateDiscreteType ^2372 #28 *-2
        2377 V EnumStrings .2376 =68 !78 #21 *1
        2732 V MaxBrowseContinuationPoints .2013 =68 !78 #5
        2733 V MaxQueryContinuationPoints .2013 =68 !78 #5
        2734 V MaxHistoryContinuationPoints .2013 =68 !78 #5
        2735 V MaxBrowseContinuationPoints .2268 =68 #5
        2736 V MaxQueryContinuationPoints .2268 =68 #5
        2737 V MaxHistoryContinuationPoints .2268 =68 #5
        2742 V Auditing .2004 =68 !78 #1
        2744 O SessionsDiagnosticsSummary <2020 =2026 !78
        2754 O AggregateFunctions <2013 =61 !78
        2755 v StateVariableType ^63 #21
        2756 V Id .2755 =68 !78 #24
        2760 v FiniteStateVariableType ^2755 #21
        2761 V Id .2760 =68 !78 #17
        2762 v TransitionVariableType ^63 #21
        2763 V Id .2762 =68 !78 #24
        2767 v FiniteTransitionVariableType ^2762 #21
        2768 V Id .2767 =68 !78 #17
        2769 V CurrentState <2299 =2755 !78 #21
        2771 o FiniteStateMachineType ^2299 abstract
        2772 V CurrentState <2771 =2760 !78 #21
        2782 o ConditionType ^2041 abstract
        2787 o RefreshStartEventType ^2130 abstract
        2788 o RefreshEndEventType ^2130 abstract
        2789 o RefreshRequiredEventType ^2130 abstract
        2881 o AcknowledgeableConditionType ^2782
        2915 o AlarmConditionType ^2881
        2992 V SecondsTillShutdown <2256 =63 #7
        2993 V ShutdownReason <2256 =63 #21
        2994 V Auditing .2253 =68 #1
        2996 O ModellingRules <2268 =61
        3035 o EventQueueOverflowEventType ^2041 abstract
        3048 O EventTypes /86 =61
        3049 V SoftwareCertificates .2013 =68 !78 #344 *1
        3051 v BuildInfoType ^63 #338
        3052 V ProductUri <3051 =63 !78 #12
        3053 V ManufacturerName <3051 =63 !78 #12
        3054 V ProductName <3051 =63 !78 #12
        3055 V SoftwareVersion <3051 =63 !78 #12
        3056 V BuildNumber <3051 =63 !78 #12
        3057 V BuildDate <3051 =63 !78 #294
        3065 r AlwaysGeneratesEvent ^41 (AlwaysGeneratedBy)
        3074 V StartTime <2007 =63 !78 #294
        3075 V CurrentTime <2007 =63 !78 #294
        3076 V State <2007 =63 !78 #852
        3077 V BuildInfo <2007 =3051 !78 #338
        3078 V ProductUri <3077 =63 !78 #12
        3079 V ManufacturerName <3077 =63 !78 #12
        3080 V ProductName <3077 =63 !78 #12
        3081 V SoftwareVersion <3077 =63 !78 #12
        3082 V BuildNumber <3077 =63 !78 #12
        3083 V BuildDate <3077 =63 !78 #294
        3084 V SecondsTillShutdown <2007 =63 !78 #7
        3085 V ShutdownReason <2007 =63 !78 #21
        3086 V ServerProfileArray .2009 =68 !78 #12 *1
        3087 V LocaleIdArray .2009 =68 !78 #295 *1
        3088 V MinSupportedSampleRate .2009 =68 !78 #290
        3089 V MaxBrowseContinuationPoints .2009 =68 !78 #5
        3090 V MaxQueryContinuationPoints .2009 =68 !78 #5
        3091 V MaxHistoryContinuationPoints .2009 =68 !78 #5
        3092 V SoftwareCertificates .2009 =68 !78 #344 *1
        3093 O ModellingRules <2009 =61 !78
        3094 O AggregateFunctions <2009 =61 !78
        3095 V ServerDiagnosticsSummary <2010 =2150 !78 #859
        3096 V ServerViewCount <3095 =63 !78 #7
        3097 V CurrentSessionCount <3095 =63 !78 #7
        3098 V CumulatedSessionCount <3095 =63 !78 #7
        3099 V SecurityRejectedSessionCount <3095 =63 !78 #7
        3100 V RejectedSessionCount <3095 =63 !78 #7
        3101 V SessionTimeoutCount <3095 =63 !78 #7
        3102 V SessionAbortCount <3095 =63 !78 #7
        3104 V PublishingIntervalCount <3095 =63 !78 #7
        3105 V CurrentSubscriptionCount <3095 =63 !78 #7
        3106 V CumulatedSubscriptionCount <3095 =63 !78 #7
        3107 V SecurityRejectedRequestsCount <3095 =63 !78 #7
        3108 V RejectedRequestsCount <3095 =63 !78 #7
        3110 V SubscriptionDiagnosticsArray <2010 =2171 !78 #874 *1
        3111 O SessionsDiagnosticsSummary <2010 =2026 !78
        3112 V SessionDiagnosticsArray <3111 =2196 !78 #865 *1
        3113 V SessionSecurityDiagnosticsArray <3111 =2243 !78 #868 *1
        3114 V EnabledFlag .2010 =68 !78 #1
        3115 V RedundancySupport .2012 =68 !78 #851
        3116 V ServerViewCount <2021 =63 !78 #7
        3117 V CurrentSessionCount <2021 =63 !78 #7
        3118 V CumulatedSessionCount <2021 =63 !78 #7
        3119 V SecurityRejectedSessionCount <2021 =63 !78 #7
        3120 V RejectedSessionCount <2021 =63 !78 #7
        3121 V SessionTimeoutCount <2021 =63 !78 #7
        3122 V SessionAbortCount <2021 =63 !78 #7
        3124 V PublishingIntervalCount <2021 =63 !78 #7
        3125 V CurrentSubscriptionCount <2021 =63 !78 #7
        3126 V CumulatedSubscriptionCount <2021 =63 !78 #7
        3127 V SecurityRejectedRequestsCount <2021 =63 !78 #7
        3128 V RejectedRequestsCount <2021 =63 !78 #7
        3129 V SessionDiagnosticsArray <2744 =2196 !78 #865 *1
        3130 V SessionSecurityDiagnosticsArray <2744 =2243 !78 #868 *1
        3709 V RedundancySupport .2296 =68 #851
        3720 V Id .2769 =68 !78 #24
        3728 V Id .2772 =68 !78 #17
        3874 V Retain .2782 =68 !78 #1
        3875 M ConditionRefresh <2782 [3876|SubscriptionId:288:-1]
        7594 d EnumValueType ^22
        8995 v TwoStateVariableType ^2755 #21
        8996 V Id .8995 =68 !78 #1
        9002 v ConditionVariableType ^63 #24 *-2
        9003 V SourceTimestamp .9002 =68 !78 #294
        9004 r HasTrueSubState ^32 (IsTrueSubStateOf)
        9005 r HasFalseSubState ^32 (IsFalseSubStateOf)
        9006 r HasCondition ^32 (IsConditionOf)
        9009 V ConditionName .2782 =68 !78 #12
        9010 V BranchId .2782 =68 !78 #17
        9011 V EnabledState <2782 =8995 !78 #21
        9012 V Id .9011 =68 !78 #1
        9020 V Quality <2782 =9002 !78 #19
        9021 V SourceTimestamp .9020 =68 !78 #294
        9022 V LastSeverity <2782 =9002 !78 #5
        9023 V SourceTimestamp .9022 =68 !78 #294
        9024 V Comment <2782 =9002 !78 #21
        9025 V SourceTimestamp .9024 =68 !78 #294
        9026 V ClientUserId .2782 =68 !78 #12
        9027 M Enable <2782 !78
        9028 M Disable <2782 !78
        9029 M AddComment <2782 !78 [9030|EventId:15:-1,Comment:21:-1]
        9073 V EnabledState <2881 =8995 !78 #21
        9074 V Id .9073 =68 !78 #1
        9093 V AckedState <2881 =8995 !78 #21
        9094 V Id .9093 =68 !78 #1
        9111 M Acknowledge <2881 !78 [9112|EventId:15:-1,Comment:21:-1]
        9113 M Confirm <2881 !80 [9114|EventId:15:-1,Comment:21:-1]
        9118 V EnabledState <2915 =8995 !78 #21
        9119 V Id .9118 =68 !78 #1
        9160 V ActiveState <2915 =8995 !78 #21
        9161 V Id .9160 =68 !78 #1
        9166 V EffectiveTransitionTime .9160 =68 !80 #294
        9215 V SuppressedOrShelved .2915 =68 !78 #1
        10523 o DiscreteAlarmType ^2915
        10637 o OffNormalAlarmType ^10523
        11112 V ConditionClassId .2782 =68 !78 #17
        11113 V ConditionClassName .2782 =68 !78 #21
        11120 V InputNode .2915 =68 !78 #17
        11158 V NormalState .10637 =68 !78 #17
        11163 o BaseConditionClassType ^58 abstract
        11164 o ProcessConditionClassType ^11163 abstract
        11165 o MaintenanceConditionClassType ^11163 abstract
        """
}
