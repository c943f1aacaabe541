/// The form by which something is signed; both components are asked for each time.
enum SignatureForm {
    static let source = """
        <details><summary>Sign</summary><form method="post" action="{{action}}"><label>What you say by signing
        <select name="meaning">{{#meanings}}<option>{{word}}</option>{{/meanings}}</select></label>
        <label>Remark <input name="reason" maxlength="1000"></label>
        <label>Login name <input name="login" required autocomplete="username"></label>
        <label>Password <input type="password" name="password" required autocomplete="off"></label>
        <button class="main">Sign</button><p><small>Your name, the time and the meaning stand under it from then on, bound to
        what is on this page. <a href="/accounts">Accounts</a></small></p></form></details>
        """
}
