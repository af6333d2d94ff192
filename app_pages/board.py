"""Board: everyone's room, or a room of ours, for the wall of a class. Nobody can be invited into one's own."""

from ui.model import current_room, shared_model
from ui.rooms.board import show_board
from ui.session import visit

room = current_room(visit())
show_board(shared_model().everyone if room is None or room.room.own else room)
