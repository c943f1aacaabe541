// Made by scripts/opcua/generate; change it or its table, not this file.

/// What this library knows of namespace 0.
enum Known {
    /// Structures that are the bodies of ExtensionObjects, or fields.
    static let structures: [any Structure.Type] = [
        RequestHeader.self, ResponseHeader.self, SignatureData.self, SignedSoftwareCertificate.self,
        RelativePathElement.self, RelativePath.self, ApplicationDescription.self, UserTokenPolicy.self,
        EndpointDescription.self, ChannelSecurityToken.self, AnonymousIdentityToken.self, UserNameIdentityToken.self,
        X509IdentityToken.self, IssuedIdentityToken.self, ViewDescription.self, BrowseDescription.self,
        ReferenceDescription.self, BrowseResult.self, BrowsePath.self, BrowsePathTarget.self, BrowsePathResult.self,
        ReadValueId.self, WriteValue.self, CallMethodRequest.self, CallMethodResult.self, HistoryReadValueId.self,
        HistoryReadResult.self, ReadRawModifiedDetails.self, HistoryData.self, DataChangeFilter.self,
        ContentFilterElement.self, ContentFilter.self, ElementOperand.self, LiteralOperand.self, AttributeOperand.self,
        SimpleAttributeOperand.self, EventFilter.self, ContentFilterElementResult.self, ContentFilterResult.self,
        EventFilterResult.self, MonitoringParameters.self, MonitoredItemCreateRequest.self,
        MonitoredItemCreateResult.self, MonitoredItemModifyRequest.self, MonitoredItemModifyResult.self,
        SubscriptionAcknowledgement.self, TransferResult.self, NotificationMessage.self, MonitoredItemNotification.self,
        DataChangeNotification.self, StatusChangeNotification.self, EventNotificationList.self, EventFieldList.self,
        StructureField.self, StructureDefinition.self, EnumField.self, EnumDefinition.self, EnumValueType.self,
        Argument.self, EUInformation.self, ValueRange.self, TimeZoneDataType.self, RolePermissionType.self,
        BuildInfo.self, ServerStatusDataType.self, ModelChangeStructureDataType.self,
        SemanticChangeStructureDataType.self, RedundantServerDataType.self,
    ]

    /// Requests and responses.
    static let messages: [any Structure.Type] = [
        ServiceFault.self, FindServersRequest.self, FindServersResponse.self, GetEndpointsRequest.self,
        GetEndpointsResponse.self, OpenSecureChannelRequest.self, OpenSecureChannelResponse.self,
        CloseSecureChannelRequest.self, CloseSecureChannelResponse.self, CreateSessionRequest.self,
        CreateSessionResponse.self, ActivateSessionRequest.self, ActivateSessionResponse.self, CloseSessionRequest.self,
        CloseSessionResponse.self, CancelRequest.self, CancelResponse.self, BrowseRequest.self, BrowseResponse.self,
        BrowseNextRequest.self, BrowseNextResponse.self, TranslateBrowsePathsToNodeIdsRequest.self,
        TranslateBrowsePathsToNodeIdsResponse.self, RegisterNodesRequest.self, RegisterNodesResponse.self,
        UnregisterNodesRequest.self, UnregisterNodesResponse.self, ReadRequest.self, ReadResponse.self,
        WriteRequest.self, WriteResponse.self, CallRequest.self, CallResponse.self, HistoryReadRequest.self,
        HistoryReadResponse.self, CreateMonitoredItemsRequest.self, CreateMonitoredItemsResponse.self,
        ModifyMonitoredItemsRequest.self, ModifyMonitoredItemsResponse.self, SetMonitoringModeRequest.self,
        SetMonitoringModeResponse.self, SetTriggeringRequest.self, SetTriggeringResponse.self,
        DeleteMonitoredItemsRequest.self, DeleteMonitoredItemsResponse.self, CreateSubscriptionRequest.self,
        CreateSubscriptionResponse.self, ModifySubscriptionRequest.self, ModifySubscriptionResponse.self,
        SetPublishingModeRequest.self, SetPublishingModeResponse.self, PublishRequest.self, PublishResponse.self,
        RepublishRequest.self, RepublishResponse.self, TransferSubscriptionsRequest.self,
        TransferSubscriptionsResponse.self, DeleteSubscriptionsRequest.self, DeleteSubscriptionsResponse.self,
    ]

    /// Enumerations; on the wire they are Int32.
    static let enumerations: [any Enumeration.Type] = [
        NodeClass.self, TimestampsToReturn.self, ApplicationType.self, MessageSecurityMode.self, UserTokenType.self,
        SecurityTokenRequestType.self, BrowseDirection.self, FilterOperator.self, DataChangeTrigger.self,
        MonitoringMode.self, StructureType.self, ServerState.self,
    ]
}
