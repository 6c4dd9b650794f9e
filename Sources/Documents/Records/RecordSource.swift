/// One open file that yields records.
///
/// After `next()` has thrown an error that names a line, the source stands behind the bad record,
/// and the next call goes on; after an error without a line it is spent.
protocol RecordSource: AnyObject {
  func next() throws(DataError) -> Record?
}
