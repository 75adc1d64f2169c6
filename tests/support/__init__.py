"""What several tests share: recorded traffic, and a transport that answers with given bytes."""
