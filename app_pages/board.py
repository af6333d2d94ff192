"""Board: a room for the wall of a class."""

from ui.model import current_room, shared_model
from ui.rooms.board import show_board
from ui.session import visit

show_board(current_room(visit()) or shared_model().everyone)
