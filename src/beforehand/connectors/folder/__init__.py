"""A folder into which somebody puts CSV files: each is taken in by a mapping of the importer, and moved away."""

from beforehand.connectors.contract import Connector, Setting, Tells
from beforehand.engine.instants import SECOND

from .checking import open_folder
from .taking import turn

CONNECTOR = Connector(
    slug="folder",
    title="CSV files in a folder",
    settings=(
        Setting(
            "folder",
            "Folder",
            "Where the files are put: below the data folder, or below one that BEFOREHAND_FOLDERS names.",
            example="/srv/exports/helpdesk",
        ),
        Setting(
            "mapping",
            "Mapping",
            "What the columns mean: helpdesk, servicenow, or the name of a mapping file that lies in the folder.",
            example="our-desk.yaml",
        ),
    ),
    tells=Tells(precision=SECOND),
    open=open_folder,
    calls=lambda _: 0,
    turn=turn,
    docs="guide/source-folder.md",
)
