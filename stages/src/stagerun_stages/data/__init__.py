"""Data stages: making the small world's rows, and turning files of any quality into rows that training can rely on."""
