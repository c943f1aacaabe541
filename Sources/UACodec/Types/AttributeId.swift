/// The attributes of nodes (Part 6, A.1; Part 3, 5.9). Services carry the number, so that an attribute which is not
/// here gets an answer of its own, Bad_AttributeIdInvalid.
public enum AttributeId: UInt32, Hashable, Sendable, CaseIterable {
    case nodeId = 1
    case nodeClass, browseName, displayName, description, writeMask, userWriteMask, isAbstract, symmetric, inverseName
    case containsNoLoops, eventNotifier, value, dataType, valueRank, arrayDimensions, accessLevel, userAccessLevel
    case minimumSamplingInterval, historizing, executable, userExecutable, dataTypeDefinition, rolePermissions
    case userRolePermissions, accessRestrictions, accessLevelEx
}
