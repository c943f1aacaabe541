/// The program itself, as it names itself wherever it does: one place.
public enum Software {
    /// Semantic version (semver.org): what `andon --version` prints, and what packages, the API's description and recorded
    /// validations hold.
    public static let version = "0.6.0"
}
