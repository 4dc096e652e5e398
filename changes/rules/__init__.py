"""What people are told of: rules judged over the updates of a source, in the order in which they were recorded."""
