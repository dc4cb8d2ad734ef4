"""The query protocol of STS: a signed request, sent again where that helps, and its answer in XML."""
