// Made by scripts/opcua/nodes from Opc.Ua.NodeSet2.xml (https://github.com/OPCFoundation/UA-Nodeset, MIT licence,
// Copyright (c) 2005-2024 The OPC Foundation, Inc.); change the script, not this file.

extension Namespace0 {
    static let nodes = [nodes1, nodes2]

    static let references = """
        3875 3065 2787
        3875 3065 2788
        9073 9004 9093
        9118 9004 9160
        12912 3065 2787
        12912 3065 2788
        """
}
