import AndonIntake
import Testing

@Suite("Header value")
struct HeaderValueTests {
    @Test(
        "Parameters are read as senders write them",
        arguments: [
            (#"form-data; name="a"; filename="b.jpg""#, "b.jpg"), (#"form-data; filename=b.jpg"#, "b.jpg"),
            (#"form-data;FILENAME="a;b=c.jpg";x=1"#, "a;b=c.jpg"), (#"form-data; filename="a\"b.jpg""#, "a\"b.jpg"),
            (#"form-data; filename="C:\pictures\a.jpg""#, #"C:\pictures\a.jpg"#), (#"form-data; filename="""#, ""),
            (#"form-data; filename="Straße.jpg""#, "Straße.jpg"), (#"form-data; filename="open"#, "open"),
            (#"form-data; filename=a; filename*=UTF-8''Stra%C3%9Fe%20b.jpg"#, "Straße b.jpg"),
            (#"form-data; filename*=utf-8'de'%E2%82%AC; filename="EUR""#, "€"),
            (#"form-data; filename=a; filename*=ISO-8859-1''%A3"#, "a"),
            (#"form-data; filename=first; filename=second"#, "first"),
            (#"form-data;;; = ; filename = b "#, "b"),
        ])
    func fileName(text: String, name: String) {
        let value = HeaderValue(text)

        #expect(value.first == "form-data")
        #expect(value.text("filename") == name)
    }

    @Test("What is no parameter is skipped", arguments: ["", ";", "a", "a;b", "a;=b", "a; \"b\"", "a;b;"])
    func nothing(text: String) {
        #expect(HeaderValue(text).parameters.isEmpty)
    }
}
