"""The light stages, the gates and the local executor that come with core; registered as a stranger's would be."""
