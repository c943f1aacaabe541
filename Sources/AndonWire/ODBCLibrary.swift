import Foundation

/// The functions of an ODBC 3 driver manager (ISO/IEC 9075-3), loaded at run time: the server starts without it.
struct ODBCLibrary: Sendable {
    typealias Handle = UnsafeMutableRawPointer?
    typealias Text = UnsafeMutablePointer<UInt8>?

    typealias AllocHandle = @convention(c) (Int16, Handle, UnsafeMutablePointer<Handle>) -> Int16
    typealias SetAttribute = @convention(c) (Handle, Int32, Handle, Int32) -> Int16
    typealias DriverConnect =
        @convention(c) (
            Handle, Handle, Text, Int16, Text, Int16, UnsafeMutablePointer<Int16>?, UInt16
        ) -> Int16
    typealias Prepare = @convention(c) (Handle, Text, Int32) -> Int16
    typealias BindParameter =
        @convention(c) (
            Handle, UInt16, Int16, Int16, Int16, UInt, Int16, Handle, Int, UnsafeMutablePointer<Int>?
        ) -> Int16
    typealias OfHandle = @convention(c) (Handle) -> Int16
    typealias CountColumns = @convention(c) (Handle, UnsafeMutablePointer<Int16>) -> Int16
    typealias DescribeColumn =
        @convention(c) (
            Handle, UInt16, Text, Int16, UnsafeMutablePointer<Int16>?, UnsafeMutablePointer<Int16>?,
            UnsafeMutablePointer<UInt>?, UnsafeMutablePointer<Int16>?, UnsafeMutablePointer<Int16>?
        ) -> Int16
    typealias GetData = @convention(c) (Handle, UInt16, Int16, Handle, Int, UnsafeMutablePointer<Int>?) -> Int16
    typealias Diagnostic =
        @convention(c) (
            Int16, Handle, Int16, Text, UnsafeMutablePointer<Int32>?, Text, Int16, UnsafeMutablePointer<Int16>?
        ) -> Int16
    typealias EndTransaction = @convention(c) (Int16, Handle, Int16) -> Int16
    typealias FreeHandle = @convention(c) (Int16, Handle) -> Int16

    let allocHandle: AllocHandle
    let setEnvironment: SetAttribute
    let setConnection: SetAttribute
    let driverConnect: DriverConnect
    let prepare: Prepare
    let bindParameter: BindParameter
    let execute: OfHandle
    let countColumns: CountColumns
    let describeColumn: DescribeColumn
    let fetch: OfHandle
    let getData: GetData
    let diagnostic: Diagnostic
    let endTransaction: EndTransaction
    let disconnect: OfHandle
    let freeHandle: FreeHandle

    /// Nil where no driver manager is installed, or one that lacks a function.
    static let shared = ODBCLibrary()

    private init?() {
        let names = ["libodbc.so.2", "libodbc.so.1", "libodbc.so"]
        guard let library = names.lazy.compactMap({ dlopen($0, RTLD_NOW | RTLD_LOCAL) }).first else { return nil }
        func function<Function>(_ name: String, _ type: Function.Type) -> Function? {
            // The type is that of the ODBC 3 specification for this name on a 64-bit platform.
            dlsym(library, name).map { unsafeBitCast($0, to: type) }
        }
        guard let allocHandle = function("SQLAllocHandle", AllocHandle.self),
            let setEnvironment = function("SQLSetEnvAttr", SetAttribute.self),
            let setConnection = function("SQLSetConnectAttr", SetAttribute.self),
            let driverConnect = function("SQLDriverConnect", DriverConnect.self),
            let prepare = function("SQLPrepare", Prepare.self),
            let bindParameter = function("SQLBindParameter", BindParameter.self),
            let execute = function("SQLExecute", OfHandle.self),
            let countColumns = function("SQLNumResultCols", CountColumns.self),
            let describeColumn = function("SQLDescribeCol", DescribeColumn.self),
            let fetch = function("SQLFetch", OfHandle.self), let getData = function("SQLGetData", GetData.self),
            let diagnostic = function("SQLGetDiagRec", Diagnostic.self),
            let endTransaction = function("SQLEndTran", EndTransaction.self),
            let disconnect = function("SQLDisconnect", OfHandle.self),
            let freeHandle = function("SQLFreeHandle", FreeHandle.self)
        else { return nil }
        self.allocHandle = allocHandle
        self.setEnvironment = setEnvironment
        self.setConnection = setConnection
        self.driverConnect = driverConnect
        self.prepare = prepare
        self.bindParameter = bindParameter
        self.execute = execute
        self.countColumns = countColumns
        self.describeColumn = describeColumn
        self.fetch = fetch
        self.getData = getData
        self.diagnostic = diagnostic
        self.endTransaction = endTransaction
        self.disconnect = disconnect
        self.freeHandle = freeHandle
    }

    enum HandleType: Int16 {
        case environment = 1
        case connection = 2
        case statement = 3
    }

    static func isGood(_ code: Int16) -> Bool { code == 0 || code == 1 }
    static let noData: Int16 = 100
    static let nullData = -1
}
