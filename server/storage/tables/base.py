"""What every table begins with."""

from sqlalchemy import Column, MetaData, String

metadata = MetaData()


def district_column() -> Column[str]:
    """The first column of every primary key, by which a state can spread the tables over machines."""
    return Column("district_id", String(63), primary_key=True)
