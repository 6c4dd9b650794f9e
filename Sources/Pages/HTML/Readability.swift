/// What of a page is its own content, and what is the site around it.
///
/// The main element is read alone where it holds enough of the text; elsewhere navigation, footers, share bars, notices about
/// cookies and the like are left out by their element, role and class. Nothing is left out that holds half of the page's text.
struct Readability {
  private let whole: Int

  init(body: HTMLNode) { whole = Self.size(of: body).text }

  /// Bytes of text below a node that aren't white space, and those of them in links.
  private static func size(of node: HTMLNode) -> (text: Int, linked: Int) {
    var sizes = (text: 0, linked: 0)
    var stack = [(node, false)]
    while let (node, isLinked) = stack.popLast() {
      if let text = node.text {
        let count = text.reduce(into: 0) { if $1 > 0x20 { $0 += 1 } }
        sizes.text += count
        if isLinked { sizes.linked += count }
      }
      let name = node.name
      if HTMLReader.unread.contains(name) { continue }
      for place in 0..<node.childCount {
        if let child = node.child(place) { stack.append((child, isLinked || name == "a")) }
      }
    }
    return sizes
  }

  /// The element that the page says is its content, where it holds a quarter of the text.
  func main(of body: HTMLNode) -> HTMLNode? {
    var mains: [HTMLNode] = []
    var articles: [HTMLNode] = []
    body.visit { node in
      guard node.isElement else { return false }
      let name = node.name
      if name == "main" || node.attribute("role") == "main" {
        mains.append(node)
        return false
      }
      if name == "article" {
        articles.append(node)
        return false
      }
      return true
    }
    let candidates = mains.isEmpty ? articles : mains
    guard candidates.count == 1, let only = candidates.first, Self.size(of: only).text * 4 >= whole else { return nil }
    return only
  }

  private static let roles: Set<String> = [
    "navigation", "banner", "contentinfo", "search", "dialog", "alertdialog", "menu", "menubar",
  ]
  /// Class names of what surrounds a page; dropped where much of it is links.
  private static let surroundings: Set<String> = [
    "nav", "navbar", "navigation", "navheader", "navfooter", "menu", "mainmenu", "searchmenu", "sidebar",
    "sphinxsidebar", "breadcrumb", "breadcrumbs", "related", "share", "sharing", "social", "footer", "toolbar",
    "pagination", "pager", "skip",
  ]
  private static let always: Set<String> = [
    "headerlink", "cookieconsent", "cookiebanner", "gdpr", "newsletter", "advert", "advertisement", "popup", "noprint",
  ]
  private static let notices: Set<String> = ["cookie", "cookies", "consent", "privacy"]
  private static let forms: Set<String> = [
    "banner", "notice", "bar", "popup", "overlay", "modal", "dialog", "wall", "prompt", "consent",
  ]

  /// Whether an element belongs to the site, not to the page.
  func drops(_ node: HTMLNode, _ name: String) -> Bool {
    guard name != "body", name != "main", name != "article", name != "html" else { return false }
    if name == "nav" || name == "footer" || name == "dialog" || node.attribute("aria-hidden") == "true" {
      return isSmall(node)
    }
    if let role = node.attribute("role"), Self.roles.contains(role) { return isSmall(node) }
    let isSection = name == "section" || name.count == 2 && name.hasPrefix("h")
    let identity = (node.attribute("class") ?? "") + " " + (isSection ? "" : node.attribute("id") ?? "")
    guard name == "aside" || identity.count > 1 else { return false }
    let words = Set(identity.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init))
    if !words.isDisjoint(with: Self.always) { return isSmall(node) }
    if !words.isDisjoint(with: Self.notices), !words.isDisjoint(with: Self.forms), !isSection { return isSmall(node) }
    guard name == "aside" || !words.isDisjoint(with: Self.surroundings) else { return false }
    let size = Self.size(of: node)
    return size.text * 2 <= whole && size.linked * 10 >= size.text * 3
  }

  private func isSmall(_ node: HTMLNode) -> Bool { Self.size(of: node).text * 2 <= whole }
}
